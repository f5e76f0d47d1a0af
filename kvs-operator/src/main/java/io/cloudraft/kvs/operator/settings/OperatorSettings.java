package io.cloudraft.kvs.operator.settings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the operator is told by its environment.
 *
 * @param version the operator's own release
 * @param serviceImage what runs where a KvStore names no image
 * @param ingressDomain the end of the host name of a KvStore that names none
 * @param watchNamespaces where KvStores are tended; empty means everywhere
 * @param leaderElection whether there may be several replicas, of which one tends KvStores
 * @param port of the operator's own probes and metrics
 */
public record OperatorSettings(
    String version,
    String serviceImage,
    String ingressDomain,
    Set<String> watchNamespaces,
    boolean leaderElection,
    int port) {

  public static final String SERVICE_IMAGE = "KVS_SERVICE_IMAGE";
  public static final String INGRESS_DOMAIN = "KVS_INGRESS_DOMAIN";
  public static final String WATCH_NAMESPACES = "KVS_WATCH_NAMESPACES";
  public static final String LEADER_ELECTION = "KVS_LEADER_ELECTION";
  public static final String PORT = "KVS_OPERATOR_PORT";

  private static final String DEFAULT_INGRESS_DOMAIN = "kvs.localhost";
  private static final String DEFAULT_PORT = "8080";

  public OperatorSettings {
    watchNamespaces = Set.copyOf(watchNamespaces);
    if (!HostName.isValid(ingressDomain)) {
      throw new InvalidSetting(
          INGRESS_DOMAIN, ingressDomain, "must be a domain such as kvs.example.com");
    }
    for (var namespace : watchNamespaces) {
      if (!HostName.isLabel(namespace)) {
        throw new InvalidSetting(
            WATCH_NAMESPACES,
            namespace,
            "must be names of namespaces, separated by commas; leave it empty to watch all of them");
      }
    }
  }

  /** An unset variable and an empty one both mean the default. */
  public static OperatorSettings from(Map<String, String> environment) {
    var release = release();
    return new OperatorSettings(
        release.getProperty("version"),
        value(environment, SERVICE_IMAGE, release.getProperty("serviceImage")),
        value(environment, INGRESS_DOMAIN, DEFAULT_INGRESS_DOMAIN),
        names(value(environment, WATCH_NAMESPACES, "")),
        flag(LEADER_ELECTION, value(environment, LEADER_ELECTION, "false")),
        port(value(environment, PORT, DEFAULT_PORT)));
  }

  private static String value(Map<String, String> environment, String variable, String otherwise) {
    var value = environment.getOrDefault(variable, "").strip();
    return value.isEmpty() ? otherwise : value;
  }

  private static Set<String> names(String separatedByCommas) {
    var names = new TreeSet<String>();
    Arrays.stream(separatedByCommas.split(",", -1))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .forEach(names::add);
    return names;
  }

  private static boolean flag(String variable, String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new InvalidSetting(variable, value, "must be true or false");
    };
  }

  private static int port(String value) {
    int port = value.matches("[0-9]{1,5}") ? Integer.parseInt(value) : -1;
    if (port < 0 || port > 65535) {
      throw new InvalidSetting(
          PORT, value, "must be a port from 0 to 65535; 0 takes any that is free");
    }
    return port;
  }

  /** Written by the build, so that an operator runs the service that it was released with. */
  private static Properties release() {
    var properties = new Properties();
    try (var resource =
        Objects.requireNonNull(OperatorSettings.class.getResourceAsStream("/release.properties"))) {
      properties.load(resource);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }
}
