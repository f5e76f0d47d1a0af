package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** One of {@code config/argocd}, for a repository and a cluster that there are. */
record ArgoApplication(KubernetesClient client, String name) {
  private static final Duration UNTIL_DONE = Duration.ofMinutes(3);

  static ArgoApplication apply(
      KubernetesClient client,
      String file,
      String name,
      GitRepository repository,
      Consumer<ObjectNode> change) {
    var manifest = (ObjectNode) Serialization.unmarshal(read(file), JsonNode.class);
    ((ObjectNode) manifest.path("metadata")).put("name", name);
    var spec = (ObjectNode) manifest.path("spec");
    ((ObjectNode) spec.path("source")).put("repoURL", repository.url());
    ((ObjectNode) spec.path("destination"))
        .put("server", client.getMasterUrl().toString().replaceAll("/$", ""));
    change.accept(spec);
    var application = new ArgoApplication(client, name);
    client
        .resource(Serialization.unmarshal(manifest.toString(), GenericKubernetesResource.class))
        .create();
    return application;
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of("../config/argocd", file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Resource<GenericKubernetesResource> live() {
    return client
        .genericKubernetesResources("argoproj.io/v1alpha1", "Application")
        .inNamespace("argocd")
        .withName(name);
  }

  JsonNode status() {
    return Serialization.unmarshal(Serialization.asJson(live().require()), JsonNode.class)
        .path("status");
  }

  /** Notes what it is called from now on, one after the other. */
  Watch notingHealths(List<String> healths) {
    return live()
        .watch(
            new Watcher<>() {
              @Override
              public void eventReceived(Action action, GenericKubernetesResource found) {
                healths.add(String.valueOf(found.<String>get("status", "health", "status")));
              }

              @Override
              public void onClose(WatcherException cause) {
                throw new IllegalStateException("the watch of " + name + " ended", cause);
              }
            });
  }

  /** Looks at the repository now, instead of within seconds; returns when it has. */
  void refresh(String how) {
    Command.kubectl(
        "annotate",
        "--overwrite",
        "application",
        name,
        "-n",
        "argocd",
        "argocd.argoproj.io/refresh=" + how);
    await("the refresh of " + name)
        .atMost(UNTIL_DONE)
        .until(
            () ->
                !live()
                    .require()
                    .getMetadata()
                    .getAnnotations()
                    .containsKey("argocd.argoproj.io/refresh"));
  }

  /** Waits until what is in the cluster is that revision, and is so. */
  void until(String revision, String health) {
    refresh("normal");
    await("application %s to be at %s and %s".formatted(name, revision, health))
        .atMost(UNTIL_DONE)
        .untilAsserted(
            () -> {
              var status = status();
              assertThat(
                      List.of(
                          status.at("/sync/status").asText(),
                          status.at("/sync/revision").asText(),
                          status.at("/operationState/phase").asText(),
                          status.at("/health/status").asText()))
                  .as("%s", status)
                  .containsExactly("Synced", revision, "Succeeded", health);
            });
  }

  /** Deletes it and all that it applied. */
  void deleteWithAllOfIt() {
    live()
        .edit(
            found -> {
              found.getMetadata().setFinalizers(List.of("resources-finalizer.argocd.argoproj.io"));
              return found;
            });
    live().delete();
    await("application %s to go".formatted(name))
        .atMost(UNTIL_DONE)
        .until(() -> live().get() == null);
  }
}
