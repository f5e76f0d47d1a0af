package io.cloudraft.kvs.service.engine.etcd;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The files that prove to etcd who we are, and to us who etcd is. They are read anew when they
 * change: Kubernetes changes those of a mounted Secret all at once.
 */
final class Secrets {
  private static final List<String> TLS = List.of("ca.crt", "tls.crt", "tls.key");
  private static final List<String> CREDENTIALS = List.of("username", "password");

  private final Optional<Path> tls;
  private final Optional<Path> credentials;

  Secrets(Optional<Path> tls, Optional<Path> credentials) {
    this.tls = tls;
    this.credentials = credentials;
  }

  /** Who we are to etcd. */
  record Login(String name, String password) {
    /** Never shows the password. */
    @Override
    public String toString() {
      return name;
    }
  }

  /** A file that is missing or not what it should be. The message never shows what is in it. */
  static final class Unusable extends Exception {
    private static final long serialVersionUID = 1L;

    Unusable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** What trusts etcd, and proves who we are; nothing when no directory is set. */
  Optional<SslContext> tls() throws Unusable {
    if (tls.isEmpty()) {
      return Optional.empty();
    }
    File authority = tls.get().resolve("ca.crt").toFile();
    File certificate = tls.get().resolve("tls.crt").toFile();
    File key = tls.get().resolve("tls.key").toFile();
    if (certificate.exists() != key.exists()) {
      throw new Unusable(
          "Of tls.crt and tls.key in %s only one is there: both are needed, or neither."
              .formatted(tls.get()),
          null);
    }
    try {
      SslContextBuilder builder = GrpcSslContexts.forClient().trustManager(readable(authority));
      if (key.exists()) {
        builder.keyManager(readable(certificate), readable(key));
      }
      return Optional.of(builder.build());
    } catch (SSLException | IllegalArgumentException e) {
      throw new Unusable(
          "The files in %s cannot be used: ca.crt and tls.crt must be certificates in PEM, tls.key the key of that certificate, in PEM and without a password."
              .formatted(tls.get()),
          e);
    }
  }

  private static File readable(File file) throws Unusable {
    if (!file.canRead()) {
      throw new Unusable("The file %s is not there, or cannot be read.".formatted(file), null);
    }
    return file;
  }

  /** Name and password; nothing when no directory is set. */
  Optional<Login> login() throws Unusable {
    if (credentials.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Login(
            text(credentials.get().resolve("username")),
            text(credentials.get().resolve("password"))));
  }

  private static String text(Path file) throws Unusable {
    try {
      String text = Files.readString(file).stripTrailing();
      if (text.isEmpty()) {
        throw new Unusable("The file %s is empty.".formatted(file), null);
      }
      return text;
    } catch (IOException e) {
      throw new Unusable("The file %s is not there, or cannot be read.".formatted(file), e);
    }
  }

  /** Another one when any of the files of TLS has changed. */
  String tlsFingerprint() {
    return tls.map(directory -> fingerprint(directory, TLS)).orElse("");
  }

  /** Another one when name or password has changed. */
  String loginFingerprint() {
    return credentials.map(directory -> fingerprint(directory, CREDENTIALS)).orElse("");
  }

  private static String fingerprint(Path directory, List<String> names) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String name : names) {
        digest.update(contents(directory.resolve(name)));
        digest.update(name.getBytes(StandardCharsets.US_ASCII));
      }
      return Arrays.toString(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static byte[] contents(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      return new byte[0];
    }
  }
}
