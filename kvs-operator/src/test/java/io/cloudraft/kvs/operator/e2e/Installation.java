package io.cloudraft.kvs.operator.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How the operator comes into the cluster: what kustomize makes, with the images that there are.
 */
final class Installation {
  private Installation() {}

  /** The one that the tests of this package use, as {@code dev/e2e} has installed it. */
  static void clusterWide() {
    of("../config");
    Command.kubectl(
        "rollout",
        "status",
        "-n",
        OperatorPod.NAMESPACE,
        "deployment/" + OperatorPod.NAME,
        "--timeout=3m");
  }

  static void of(String folder) {
    var file = Path.of("target/installation.yaml");
    try {
      Files.writeString(
          file,
          Command.kubectl("kustomize", folder)
              .replace("ghcr.io/cloudraft/", Environment.images() + "/"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Command.kubectl("apply", "--server-side", "--force-conflicts", "-f", file.toString());
  }
}
