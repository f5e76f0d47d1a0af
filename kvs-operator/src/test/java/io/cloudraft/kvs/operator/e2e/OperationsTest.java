package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The commands of docs/operations.md, from the first to the last, in one shell. */
@Tag("e2e")
@Isolated("removes the operator that the other tests use")
class OperationsTest {
  private static final Path PAGE = Path.of("../docs/operations.md");
  private static final String NAMESPACE = "shop";

  /** What is not for the page to do: what happens to people, and what their cluster has. */
  private static final Map<String, String> BEFORE =
      Map.of(
          "## Resize",
          """
          kubectl patch storageclass "$(kubectl get pvc demo-data -o jsonpath='{.spec.storageClassName}')" -p '{"allowVolumeExpansion":true}'
          # The volumes of our own cluster do not grow, so this says what a driver says that has made one grow.
          (
            until [ "$(kubectl get pvc demo-data -o jsonpath='{.spec.resources.requests.storage}')" = 2Gi ]; do sleep 0.5; done
            kubectl patch pvc demo-data --subresource=status --type=merge -p '{"status":{"capacity":{"storage":"2Gi"}}}'
          ) &
          """,
          "## Restore a store that does not start",
          """
          kubectl run damage --restart=Never --image=busybox:1 --overrides='{"spec": {
            "securityContext": {"runAsNonRoot": true, "runAsUser": 10001, "runAsGroup": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{"name": "damage", "image": "busybox:1", "command": ["sh", "-c", "echo rubbish > /data/rocksdb/CURRENT"],
              "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
              "volumeMounts": [{"name": "data", "mountPath": "/data"}]}],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "demo-data"}}]}}'
          kubectl wait --for=jsonpath='{.status.phase}'=Succeeded pod/damage --timeout=2m
          kubectl delete pod damage
          kubectl delete pod -l kvs.cloudraft.io/store=demo
          """);

  @BeforeAll
  static void nothingIsLeftOfARunBefore() {
    Command.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found");
  }

  @AfterAll
  static void theOperatorIsInstalledAsBefore() {
    Command.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=false");
    Installation.clusterWide();
  }

  @Test
  void eachCommandDoesWhatThePageSays() {
    var page = new DocumentedCommands(PAGE, BEFORE, OperationsTest::here);
    assertThat(page.blocks()).isGreaterThan(20);

    page.run();
  }

  /** The page, with the images that this cluster has. */
  private static String here(String script) {
    return script
        .replace("busybox:1", Environment.busyboxImage())
        .replace(
            "kubectl apply --server-side -k config\n",
            "kubectl kustomize config | sed 's#ghcr.io/cloudraft/#%s/#' | kubectl apply --server-side --force-conflicts -f -\n"
                .formatted(Environment.images()))
        .replace("demo.ndjson", "kvs-operator/target/demo.ndjson");
  }
}
