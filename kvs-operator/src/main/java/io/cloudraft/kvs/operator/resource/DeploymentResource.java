package io.cloudraft.kvs.operator.resource;

import static io.cloudraft.kvs.operator.resource.ServiceContract.PORT;
import static io.cloudraft.kvs.operator.resource.ServiceContract.PORT_NAME;
import static io.cloudraft.kvs.operator.resource.ServiceContract.USER;

import io.cloudraft.kvs.operator.api.EnvironmentVariable;
import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.cloudraft.kvs.operator.settings.StoreSettings;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The pods. One at a time may open the volume, so the old one leaves before the new one comes. */
public final class DeploymentResource extends ChildResource<Deployment> {
  private static final String RECREATE = "Recreate";
  private static final String DATA = "data";
  private static final String DATA_PATH = "/data";
  private static final String TMP = "tmp";

  DeploymentResource(OperatorSettings operator) {
    super(Deployment.class, operator);
  }

  @Override
  Deployment desired(StoreSettings settings) {
    return new DeploymentBuilder()
        .withMetadata(metadata(settings).build())
        .withNewSpec()
        .withReplicas(settings.replicas())
        .withRevisionHistoryLimit(3)
        .withNewStrategy()
        .withType(RECREATE)
        .endStrategy()
        .withNewSelector()
        .withMatchLabels(ChildLabels.selector(settings.name()))
        .endSelector()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(settings.pods().labels())
        .addToLabels(ChildLabels.all(settings.name()))
        .withAnnotations(settings.pods().annotations())
        .endMetadata()
        .withSpec(pod(settings))
        .endTemplate()
        .endSpec()
        .build();
  }

  /** Another strategy comes with parameters that Recreate must not have. */
  @Override
  Map<String, Object> contested(Deployment desired) {
    var strategy = new HashMap<String, @Nullable Object>();
    strategy.put("type", RECREATE);
    strategy.put("rollingUpdate", null);
    return Map.of("spec", Map.of("strategy", strategy));
  }

  private static PodSpec pod(StoreSettings settings) {
    return new PodSpecBuilder()
        .withNodeSelector(settings.pods().nodeSelector())
        .withTolerations(settings.pods().tolerations())
        .withAffinity(settings.pods().affinity().orElse(null))
        .withTopologySpreadConstraints(settings.pods().topologySpreadConstraints())
        .withPriorityClassName(settings.pods().priorityClassName().orElse(null))
        .withServiceAccountName(settings.name())
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withImagePullSecrets(
            settings.imagePullSecrets().stream().map(LocalObjectReference::new).toList())
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withRunAsUser(USER)
        .withRunAsGroup(USER)
        .withFsGroup(USER)
        .withFsGroupChangePolicy("OnRootMismatch")
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .withContainers(container(settings))
        .addNewVolume()
        .withName(DATA)
        .withNewPersistentVolumeClaim()
        .withClaimName(PersistentVolumeClaimResource.claimName(settings.name()))
        .endPersistentVolumeClaim()
        .endVolume()
        .addNewVolume()
        .withName(TMP)
        .withNewEmptyDir()
        // Room for the native library that each start of the process unpacks, 15 MB, many times
        // over.
        .withSizeLimit(new Quantity("256Mi"))
        .endEmptyDir()
        .endVolume()
        .build();
  }

  private static Container container(StoreSettings settings) {
    return new ContainerBuilder()
        .withName("store")
        .withImage(settings.image())
        .withImagePullPolicy("IfNotPresent")
        .withEnv(
            variable(ServiceContract.DATA_DIRECTORY, DATA_PATH),
            variable(ServiceContract.MAX_KEY_BYTES, settings.limits().maxKeyBytes()),
            variable(ServiceContract.MAX_VALUE_BYTES, settings.limits().maxValueBytes()))
        .addAllToEnv(settings.pods().env().stream().map(DeploymentResource::variable).toList())
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
        .addNewVolumeMount()
        .withName(DATA)
        .withMountPath(DATA_PATH)
        .endVolumeMount()
        .addNewVolumeMount()
        .withName(TMP)
        .withMountPath("/tmp")
        .endVolumeMount()
        .build();
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
