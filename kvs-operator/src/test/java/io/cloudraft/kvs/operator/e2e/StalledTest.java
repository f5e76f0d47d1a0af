package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What will not mend itself is said in a sentence, and in an event; when mended, all is well. */
@Tag("e2e")
@Execution(ExecutionMode.CONCURRENT)
class StalledTest {
  @RegisterExtension static final TestNamespace namespace = new TestNamespace("kvs-e2e-stalled");

  @Test
  void imageThatCannotBePulled() {
    namespace.apply(
        "no-image", "{image: 'localhost:1/none:1', imagePullSecrets: [{name: registry}]}");

    namespace.untilSays(
        "no-image",
        "Stalled",
        "ImageNotPulled",
        "localhost:1/none:1",
        "spec.image",
        "There is no Secret registry, which spec.imagePullSecrets names.");
    namespace.apply("no-image", "{}");
    namespace.untilReady("no-image");
    assertThat(namespace.events("no-image"))
        .extracting(Event::getType, Event::getReason)
        .containsExactly(tuple("Warning", "ImageNotPulled"), tuple("Normal", "Available"));
  }

  @Test
  void podsThatCrashWithTheirLastWords() {
    namespace.apply(
        "crashing", "{podTemplate: {env: [{name: JAVA_TOOL_OPTIONS, value: -Xnonsense}]}}");

    namespace.untilSays(
        "crashing",
        "Stalled",
        "PodCrashes",
        "Container store of pod crashing-",
        "last words",
        "-Xnonsense");
    namespace.apply("crashing", "{}");
    namespace.untilReady("crashing");
  }

  @Test
  void engineSettingsThatCannotBeUsed() {
    namespace.create("secret", "generic", "etcd-tls", "--from-literal=ca.crt=no certificate");
    namespace.apply(
        "no-engine",
        "{engine: {type: Etcd, etcd: {endpoints: ['https://etcd:2379'], tlsSecretName: etcd-tls}}}");

    namespace.untilSays(
        "no-engine",
        "Stalled",
        "PodCrashes",
        "Container store of pod no-engine-",
        "last words",
        "ca.crt and tls.crt must be certificates in PEM");
    namespace.kvStore("no-engine").delete();
  }

  @Test
  void claimThatGetsNoVolume() {
    namespace.apply(
        "no-volume", "{storage: {storageClassName: none-such, deletionPolicy: Delete}}");

    namespace.untilSays("no-volume", "Stalled", "ClaimNotBound", "no-volume-data", "none-such");
  }

  @Test
  void variableFromASecretThatIsMissing() {
    namespace.apply(
        "no-secret",
        "{podTemplate: {env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: token, key: value}}}]}}");

    namespace.untilSays(
        "no-secret", "Stalled", "PodNotStarted", "Container store", "secret \"token\" not found");
    namespace.create("secret", "generic", "token", "--from-literal=other=1");
    namespace.untilSays("no-secret", "Stalled", "PodNotStarted", "key value", "token");
    Command.kubectl("delete", "secret", "token", "-n", namespace.name());
    namespace.create("secret", "generic", "token", "--from-literal=value=1");
    namespace.untilReady("no-secret");
  }

  @Test
  void certificateThatIsMissing(@TempDir Path directory) {
    namespace.apply("no-certificate", "{ingress: {tlsSecretName: shop-tls}}");

    namespace.untilSays(
        "no-certificate",
        "Reconciling",
        "CertificateMissing",
        "http://no-certificate.kvs-e2e-stalled.svc:8000",
        "no Secret shop-tls in namespace kvs-e2e-stalled",
        "spec.ingress.tlsSecretName");
    assertThat(TestNamespace.condition(namespace.kvStore("no-certificate").require(), "Ready"))
        .containsEntry("status", "False");
    var shop = SelfSigned.of("shop", directory);
    namespace.create(
        "secret", "tls", "shop-tls", "--cert=" + shop.certificate(), "--key=" + shop.key());
    namespace.untilReady("no-certificate");
    assertThat(namespace.kvStore("no-certificate").require().<String>get("status", "url"))
        .startsWith("https://");
  }
}
