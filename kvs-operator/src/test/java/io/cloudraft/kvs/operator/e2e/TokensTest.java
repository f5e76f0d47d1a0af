package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A store that asks for tokens, which change. */
@Tag("e2e")
class TokensTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-tokens");

  private static final String READER = "reader-0123456789";
  private static final String WRITER = "writer-0123456789";
  private static final String NEXT_WRITER = "next-writer-0123456789";

  private static void tokens(String secret, Map<String, String> tokens) {
    namespace
        .live(
            new SecretBuilder()
                .withNewMetadata()
                .withName(secret)
                .withNamespace(namespace.name())
                .endMetadata()
                .withStringData(tokens)
                .build())
        .createOr(existing -> existing.update());
  }

  @Test
  void areAskedForAndChangeWithoutARestart() {
    namespace.apply("shop", "{auth: {tokensSecretName: shop-tokens}}");
    namespace.untilSays(
        "shop", "Stalled", "PodNotStarted", "Secret shop-tokens", "spec.auth.tokensSecretName");
    tokens("shop-tokens", Map.of("read-only", READER, "read-write", WRITER));
    StoreClient store = namespace.untilReady("shop");
    Pod pod = namespace.pod("shop");

    assertThat(store.set("a", "1").statusCode()).isEqualTo(401);
    assertThat(store.with(READER).set("a", "1").statusCode()).isEqualTo(403);
    assertThat(store.with(WRITER).set("a", "1").statusCode()).isEqualTo(200);
    assertThat(store.with(READER).get("/get/a").body()).isEqualTo("1");
    assertThat(store.get("/get/a").statusCode()).isEqualTo(401);
    assertThat(store.get("/metrics").statusCode()).isEqualTo(200);

    tokens("shop-tokens", Map.of("read-only", READER, "read-write", WRITER + "\n" + NEXT_WRITER));
    untilTakes(NEXT_WRITER, store);
    assertThat(store.with(WRITER).set("a", "2").statusCode()).isEqualTo(200);
    tokens("shop-tokens", Map.of("read-write", NEXT_WRITER));
    await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> store.with(WRITER).set("a", "3").statusCode() == 401);
    assertThat(store.with(READER).get("/get/a").statusCode()).isEqualTo(401);
    assertThat(store.with(NEXT_WRITER).set("a", "4").statusCode()).isEqualTo(200);

    Pod after = namespace.pod("shop");
    assertThat(after.getMetadata().getUid()).isEqualTo(pod.getMetadata().getUid());
    assertThat(after.getStatus().getContainerStatuses().getFirst().getRestartCount()).isZero();
  }

  private static void untilTakes(String writer, StoreClient store) {
    await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> store.with(writer).set("b", "1").statusCode() == 200);
  }

  @Test
  void thatCannotBeUsedAreToldByTheirPlace() {
    tokens("bad-tokens", Map.of("read-only", "secret"));
    namespace.apply("bad", "{auth: {tokensSecretName: bad-tokens}}");

    namespace.untilSays(
        "bad",
        "Stalled",
        "PodCrashes",
        "last words",
        "Line 1 of /etc/kvs/tokens/read-only has 6 characters, and a token 16 to 256.");
    tokens("bad-tokens", Map.of("read-only", READER));
    assertThat(namespace.untilReady("bad").with(READER).get("/search").body()).isEqualTo("[]");
  }
}
