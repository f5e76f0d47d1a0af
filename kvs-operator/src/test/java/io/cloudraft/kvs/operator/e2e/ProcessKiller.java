package io.cloudraft.kvs.operator.e2e;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Sends a signal to a process of a pod: SIGKILL, as a node that runs out of memory would: nothing
 * is flushed and nobody is told. Deleting a pod by force still sends SIGTERM first, and from inside
 * of its container process 1 cannot be killed; so a pod that sees the processes of the node does
 * it.
 */
final class ProcessKiller implements AutoCloseable {
  private final KubernetesClient client;

  /** Of its own, as several may be at work, and one that is gone takes a while to go. */
  private final String namespace = "kvs-e2e-killer-" + UUID.randomUUID();

  ProcessKiller(KubernetesClient client) {
    this.client = client;
    client
        .resource(
            new NamespaceBuilder()
                .withNewMetadata()
                .withName(namespace)
                .addToLabels("pod-security.kubernetes.io/enforce", "privileged")
                .endMetadata()
                .build())
        .serverSideApply();
    client
        .resource(
            new PodBuilder()
                .withNewMetadata()
                .withName("killer")
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .withHostPID(true)
                .withTerminationGracePeriodSeconds(0L)
                .addNewContainer()
                .withName("killer")
                .withImage(Environment.busyboxImage())
                .withCommand("sh", "-c", "while :; do sleep 3600; done")
                .withNewSecurityContext()
                .withPrivileged(true)
                .endSecurityContext()
                .endContainer()
                .endSpec()
                .build())
        .serverSideApply();
    client.pods().inNamespace(namespace).withName("killer").waitUntilReady(1, TimeUnit.MINUTES);
  }

  /** Kills the processes of the pod whose command line contains {@code word}. */
  void kill(Pod pod, String word) {
    send("KILL", pod, word);
  }

  /** Sends a signal to the processes of the pod whose command line contains {@code word}. */
  void send(String signal, Pod pod, String word) {
    String uid = pod.getMetadata().getUid();
    // The pod's control group is named by its uid, with underscores where systemd manages the
    // groups.
    String script =
        """
        killed=1
        for process in /proc/[0-9]*; do
          case "$(cat $process/cgroup 2>/dev/null)" in *%s*|*%s*) ;; *) continue ;; esac
          case "$(cat $process/cmdline 2>/dev/null)" in *%s*) kill -%s ${process#/proc/} && killed=0 ;; esac
        done
        exit $killed
        """
            .formatted(uid, uid.replace('-', '_'), word, signal);
    Command.kubectl("exec", "-n", namespace, "killer", "--", "sh", "-c", script);
  }

  @Override
  public void close() {
    client.namespaces().withName(namespace).delete();
  }
}
