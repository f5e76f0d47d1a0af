package io.cloudraft.kvs.operator.resource;

import static io.cloudraft.kvs.operator.resource.ServiceContract.PORT;
import static io.cloudraft.kvs.operator.resource.ServiceContract.PORT_NAME;
import static io.cloudraft.kvs.operator.resource.ServiceContract.USER;

import com.fasterxml.jackson.core.type.TypeReference;
import io.cloudraft.kvs.operator.api.EnvironmentVariable;
import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.cloudraft.kvs.operator.settings.PodSettings;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The pods. */
public final class DeploymentResource extends ChildResource<Deployment> {
  /** With room for the native library, 15 MB, that other images unpack at each start. */
  private static final EnginePods.Mount TMP =
      new EnginePods.Mount(
          new VolumeBuilder()
              .withName("tmp")
              .withNewEmptyDir()
              .withSizeLimit(new Quantity("256Mi"))
              .endEmptyDir()
              .build(),
          "/tmp",
          false);

  private static final String TOKENS_PATH = "/etc/kvs/tokens";

  private static final String CONTAINER = "store";

  DeploymentResource(OperatorSettings operator) {
    super(Deployment.class, operator);
  }

  @Override
  Deployment desired(StoreSettings settings) {
    var engine = EnginePods.of(settings);
    return new DeploymentBuilder()
        .withMetadata(metadata(settings).build())
        .withNewSpec()
        .withReplicas(settings.replicas())
        .withRevisionHistoryLimit(3)
        .withStrategy(engine.strategy())
        .withNewSelector()
        .withMatchLabels(ChildLabels.selector(settings.name()))
        .endSelector()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(settings.pods().labels())
        .addToLabels(ChildLabels.all(settings.name()))
        .withAnnotations(settings.pods().annotations())
        .endMetadata()
        .withSpec(pod(settings, engine))
        .endTemplate()
        .endSpec()
        .build();
  }

  /** The image of the store in such a Deployment, to which others may have added. */
  public static Optional<String> image(Deployment deployment) {
    return deployment.getSpec().getTemplate().getSpec().getContainers().stream()
        .filter(container -> container.getName().equals(CONTAINER))
        .map(Container::getImage)
        .findFirst();
  }

  /** Another strategy comes with parameters that Recreate must not have. */
  @Override
  Map<String, Object> contested(Deployment desired) {
    var strategy = new HashMap<String, @Nullable Object>();
    strategy.put("type", desired.getSpec().getStrategy().getType());
    strategy.put("rollingUpdate", desired.getSpec().getStrategy().getRollingUpdate());
    return Map.of("spec", Map.of("strategy", strategy));
  }

  private static PodSpec pod(StoreSettings settings, EnginePods engine) {
    var pods = settings.pods();
    var mounts = mounts(settings, engine);
    return new PodSpecBuilder()
        .withNodeSelector(pods.nodeSelector())
        .withTolerations(pods.tolerations())
        .withAffinity(pods.affinity().orElse(null))
        .withTopologySpreadConstraints(
            pods.topologySpreadConstraints().isEmpty()
                ? engine.spread()
                : pods.topologySpreadConstraints())
        .withPriorityClassName(pods.priorityClassName().orElse(null))
        .withServiceAccountName(settings.name())
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withImagePullSecrets(
            settings.imagePullSecrets().stream().map(LocalObjectReference::new).toList())
        .withSecurityContext(securityContext(pods))
        .withContainers(container(settings, engine, mounts))
        .withVolumes(mounts.stream().map(EnginePods.Mount::volume).toList())
        .build();
  }

  private static List<EnginePods.Mount> mounts(StoreSettings settings, EnginePods engine) {
    var mounts = new ArrayList<>(engine.mounts());
    settings
        .tokensSecret()
        .ifPresent(name -> mounts.add(EnginePods.Mount.secret("tokens", name, TOKENS_PATH)));
    mounts.add(TMP);
    return mounts;
  }

  /** Ours, with each field that the user sets in the place of it. */
  private static PodSecurityContext securityContext(PodSettings pods) {
    var ours =
        new PodSecurityContextBuilder()
            .withRunAsNonRoot(true)
            .withRunAsUser(USER)
            .withRunAsGroup(USER)
            .withFsGroup(USER)
            .withFsGroupChangePolicy("OnRootMismatch")
            .withNewSeccompProfile()
            .withType("RuntimeDefault")
            .endSeccompProfile()
            .build();
    return pods.securityContext().map(theirs -> merged(ours, theirs)).orElse(ours);
  }

  private static PodSecurityContext merged(PodSecurityContext ours, PodSecurityContext theirs) {
    var fields = new HashMap<>(fields(ours));
    fields.putAll(fields(theirs));
    return SERIALIZATION.convertValue(fields, PodSecurityContext.class);
  }

  private static Map<String, Object> fields(PodSecurityContext context) {
    return SERIALIZATION.unmarshal(
        SERIALIZATION.asJson(context), new TypeReference<Map<String, Object>>() {});
  }

  private static Container container(
      StoreSettings settings, EnginePods engine, List<EnginePods.Mount> mounts) {
    return new ContainerBuilder()
        .withName(CONTAINER)
        .withImage(settings.image())
        .withImagePullPolicy("IfNotPresent")
        .withEnv(variables(settings, engine))
        .addNewPort()
        .withName(PORT_NAME)
        .withContainerPort(PORT)
        .withProtocol("TCP")
        .endPort()
        // What a crashing process says last is what a user wants to read in the status.
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        // Recovering a long log, or waiting for a predecessor to let go of the volume, may take
        // minutes.
        .withStartupProbe(probe(ServiceContract.LIVENESS_PATH, 1, 300).build())
        .withLivenessProbe(probe(ServiceContract.LIVENESS_PATH, 10, 3).build())
        .withReadinessProbe(probe(ServiceContract.READINESS_PATH, 5, 2).build())
        .withLifecycle(engine.lifecycle().orElse(null))
        .withNewResources()
        .withRequests(settings.resources().requests())
        .withLimits(settings.resources().limits())
        .endResources()
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .withVolumeMounts(mounts.stream().map(EnginePods.Mount::inContainer).toList())
        .build();
  }

  private static List<EnvVar> variables(StoreSettings settings, EnginePods engine) {
    var fields = new LinkedHashMap<>(engine.variables());
    var limits = settings.limits();
    fields.put(ServiceContract.MAX_KEY_BYTES, limits.maxKeyBytes());
    fields.put(ServiceContract.MAX_VALUE_BYTES, limits.maxValueBytes());
    limits.maxWatches().ifPresent(set -> fields.put(ServiceContract.MAX_WATCHES, set));
    limits
        .maxRequestsPerSecond()
        .ifPresent(set -> fields.put(ServiceContract.MAX_REQUESTS_PER_SECOND, set));
    settings
        .tokensSecret()
        .ifPresent(_ -> fields.put(ServiceContract.TOKENS_DIRECTORY, TOKENS_PATH));
    return Stream.concat(
            fields.entrySet().stream().map(field -> variable(field.getKey(), field.getValue())),
            settings.pods().env().stream()
                .filter(added -> !fields.containsKey(added.name()))
                .map(DeploymentResource::variable))
        .toList();
  }

  private static EnvVar variable(String name, Object value) {
    return new EnvVarBuilder().withName(name).withValue(value.toString()).build();
  }

  private static EnvVar variable(EnvironmentVariable added) {
    return new EnvVar(added.name(), added.value(), added.valueFrom());
  }

  private static ProbeBuilder probe(String path, int periodSeconds, int failureThreshold) {
    return new ProbeBuilder()
        .withNewHttpGet()
        .withPath(path)
        .withPort(new IntOrString(PORT_NAME))
        .endHttpGet()
        .withPeriodSeconds(periodSeconds)
        .withTimeoutSeconds(5)
        .withFailureThreshold(failureThreshold);
  }
}
