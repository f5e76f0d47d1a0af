package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The commands of docs/backup.md, in a pod. */
@Tag("e2e")
class BackupTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-backup");

  private static String kvs(String... arguments) {
    return Command.kubectl(
        Stream.concat(
                Stream.of("exec", "-n", namespace.name(), "deploy/demo", "--", "java", "@/app/kvs"),
                Stream.of(arguments))
            .toArray(String[]::new));
  }

  @Test
  void bringsBackWhatWasOverwrittenInAPodThatStartsAgainByItself() {
    namespace.apply("demo", "{}");
    StoreClient store = namespace.untilReady("demo");
    for (int key = 0; key < 100; key++) {
      assertThat(store.set("key-" + key, "kept").statusCode()).isEqualTo(200);
    }

    assertThat(kvs("backup", "create")).contains("Backup 1 of ", "100 keys at revision 100");
    for (int key = 0; key < 100; key++) {
      assertThat(store.set("key-" + key, "overwritten").statusCode()).isEqualTo(200);
    }
    assertThat(store.set("later", "than the backup").statusCode()).isEqualTo(200);
    assertThat(kvs("backup", "list", "--json"))
        .contains("{\"backups\":[{\"id\":1,", "\"keys\":100,\"revision\":100,");
    Pod before = namespace.pod("demo");

    assertThat(kvs("backup", "restore", "latest")).contains("will take the place of the data");
    await("the container to be started again")
        .atMost(TestNamespace.UNTIL_READY)
        .until(() -> container().getLastState().getTerminated() != null);

    assertThat(container().getRestartCount()).isOne();
    assertThat(container().getLastState().getTerminated().getExitCode()).isZero();
    namespace.untilReady("demo");
    assertThat(namespace.pod("demo").getMetadata().getUid())
        .as("the same pod")
        .isEqualTo(before.getMetadata().getUid());
    for (int key = 0; key < 100; key++) {
      assertThat(store.get("/get/key-" + key).body()).isEqualTo("kept");
    }
    assertThat(store.get("/get/later").statusCode()).isEqualTo(404);
    assertThat(store.get("/metrics").body()).contains("\nkvs_keys 100.0\n", "\nkvs_backups 1.0\n");
    assertThat(Command.kubectl("logs", "-n", namespace.name(), "deploy/demo"))
        .contains("Backup 1 of ", "was restored: 100 keys at revision 100");
  }

  private static ContainerStatus container() {
    return namespace.pod("demo").getStatus().getContainerStatuses().getFirst();
  }
}
