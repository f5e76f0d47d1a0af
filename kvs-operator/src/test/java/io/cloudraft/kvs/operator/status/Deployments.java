package io.cloudraft.kvs.operator.status;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;

/** Deployments as their controller leaves them behind. */
final class Deployments {
  private Deployments() {}

  static DeploymentBuilder of(long generation, int wanted) {
    return new DeploymentBuilder()
        .withNewMetadata()
        .withName("demo")
        .withNamespace("shop")
        .withGeneration(generation)
        .endMetadata()
        .withNewSpec()
        .withReplicas(wanted)
        .withNewTemplate()
        .withNewSpec()
        .addNewContainer()
        .withName("added-by-a-mesh")
        .withImage("example.com/mesh:7")
        .endContainer()
        .addNewContainer()
        .withName("store")
        .withImage("example.com/kvs-service:1.2.3")
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec();
  }

  static Deployment available() {
    return seen(4, 4, 1, 1, 1, 1);
  }

  static Deployment seen(
      long generation, long observed, int wanted, int pods, int updated, int available) {
    return of(generation, wanted)
        .withNewStatus()
        .withObservedGeneration(observed)
        .withReplicas(pods)
        .withUpdatedReplicas(updated)
        .withReadyReplicas(available)
        .withAvailableReplicas(available)
        .endStatus()
        .build();
  }
}
