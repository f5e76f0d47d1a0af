package io.cloudraft.kvs.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The templates of the Helm chart are the manifests that kustomize takes, with values where a
 * person may want another. That Helm makes the same objects of them is seen on a cluster.
 */
class HelmChartTest {
  private static final Path ROOT = Path.of("..");
  private static final Path CHART = ROOT.resolve("config/helm/kvs-operator");
  private static final String VERSION = OperatorSettings.from(Map.of()).version();

  @Test
  void isOfThisRelease() throws IOException {
    var chart =
        Serialization.unmarshal(read("config/helm/kvs-operator/Chart.yaml"), JsonNode.class);

    assertThat(chart.path("version").asText()).isEqualTo(VERSION);
    assertThat(chart.path("appVersion").asText()).isEqualTo(VERSION);
  }

  @Test
  void installsTheDefinitionToStay() throws IOException {
    var definition = read("crds/kvstores.kvs.cloudraft.io-v1.yml");

    assertThat(definition).as("Helm would read this as a template").doesNotContain("{{");
    template("definition")
        .matches(
            new Manifest("crds/kvstores.kvs.cloudraft.io-v1.yml")
                .with(
                    "\nmetadata:\n",
                    """

                    metadata:
                      annotations:
                        helm.sh/resource-policy: keep
                    """)
                .onlyIf(".Values.definition.install"));
  }

  @Test
  void runsTheSameDeployment() throws IOException {
    template("deployment")
        .matches(
            new Manifest("config/operator/deployment.yaml")
                .with("namespace: kvs-system", "namespace: {{ .Release.Namespace }}")
                .with("replicas: 1", "replicas: {{ .Values.replicas }}")
                .with(
                    """
                      # One operator at a time: the old one leaves before the new one comes.
                      strategy:
                        type: Recreate
                    """,
                    """
                      strategy:
                        {{- if gt (int .Values.replicas) 1 }}
                        # The Lease sees to it that only one is at work, so that the new ones may come while the old ones are there.
                        type: RollingUpdate
                        rollingUpdate:
                          maxSurge: 1
                          maxUnavailable: 0
                        {{- else }}
                        # One operator at a time: the old one leaves before the new one comes.
                        type: Recreate
                        {{- end }}
                    """)
                .with(
                    "      enableServiceLinks: false\n",
                    """
                          enableServiceLinks: false
                          {{- with .Values.pod }}
                          {{- toYaml . | nindent 6 }}
                          {{- end }}
                          {{- if and (gt (int .Values.replicas) 1) (not .Values.pod.topologySpreadConstraints) }}
                          topologySpreadConstraints:
                            - maxSkew: 1
                              topologyKey: kubernetes.io/hostname
                              whenUnsatisfiable: ScheduleAnyway
                              labelSelector:
                                matchLabels:
                                  app.kubernetes.io/name: kvs-operator
                          {{- end }}
                    """)
                .with(
                    "          env:\n",
                    """
                              env:
                                {{- if gt (int .Values.replicas) 1 }}
                                - name: KVS_LEADER_ELECTION
                                  value: "true"
                                {{- end }}
                    """)
                .with(
                    "image: ghcr.io/cloudraft/kvs-operator:" + VERSION,
                    "image: " + image("image", "kvs-operator"))
                .with("value: \"\"", "value: {{ join \",\" .Values.watchNamespaces | quote }}")
                .with("value: kvs.localhost", "value: {{ .Values.ingressDomain | quote }}")
                .with(
                    "value: ghcr.io/cloudraft/kvs-service:" + VERSION,
                    "value: " + image("serviceImage", "kvs-service"))
                .with(
                    """
                              resources:
                                requests:
                                  cpu: 50m
                                  memory: 256Mi
                                limits:
                                  memory: 512Mi
                    """,
                    """
                              resources: {{- toYaml .Values.resources | nindent 12 }}
                    """)
                .text());
  }

  @Test
  void grantsTheSameRightsWhereItTendsStores() throws IOException {
    template("rights")
        .matches(
            new Manifest("config/rbac/operator.yaml")
                .withAll("namespace: kvs-system", "namespace: {{ $.Release.Namespace }}")
                .with(
                    """
                    ---
                    apiVersion: rbac.authorization.k8s.io/v1
                    kind: ClusterRole
                    metadata:
                      name: kvs-operator
                    """,
                    """
                    {{- range $namespace := .Values.watchNamespaces | default (list "") }}
                    ---
                    apiVersion: rbac.authorization.k8s.io/v1
                    kind: {{ if $namespace }}Role{{ else }}ClusterRole{{ end }}
                    metadata:
                      name: kvs-operator
                      {{- with $namespace }}
                      namespace: {{ . }}
                      {{- end }}
                    """)
                .with(
                    """
                    kind: ClusterRoleBinding
                    metadata:
                      name: kvs-operator
                    roleRef:
                      apiGroup: rbac.authorization.k8s.io
                      kind: ClusterRole
                      name: kvs-operator
                    subjects:
                      - kind: ServiceAccount
                        name: kvs-operator
                        namespace: {{ $.Release.Namespace }}
                    """,
                    """
                    kind: {{ if $namespace }}RoleBinding{{ else }}ClusterRoleBinding{{ end }}
                    metadata:
                      name: kvs-operator
                      {{- with $namespace }}
                      namespace: {{ . }}
                      {{- end }}
                    roleRef:
                      apiGroup: rbac.authorization.k8s.io
                      kind: {{ if $namespace }}Role{{ else }}ClusterRole{{ end }}
                      name: kvs-operator
                    subjects:
                      - kind: ServiceAccount
                        name: kvs-operator
                        namespace: {{ $.Release.Namespace }}
                    {{- end }}
                    """)
                .text());
    template("leases")
        .matches(
            new Manifest("config/two-replicas/leases.yaml")
                .withAll("namespace: kvs-system", "namespace: {{ .Release.Namespace }}")
                .onlyIf("gt (int .Values.replicas) 1"));
    template("users")
        .matches(new Manifest("config/rbac/users.yaml").onlyIf(".Values.userRoles.install"));
  }

  private static String image(String value, String name) {
    return "{{ .Values.%s | default (printf \"ghcr.io/cloudraft/%s:%%s\" .Chart.AppVersion) }}"
        .formatted(value, name);
  }

  private static Golden template(String name) {
    return Golden.file(CHART.resolve("templates/" + name + ".yaml").toString());
  }

  private static String read(String file) throws IOException {
    return Files.readString(ROOT.resolve(file));
  }

  /** A manifest on its way to a template. */
  private record Manifest(String file, String text) {
    Manifest(String file) throws IOException {
      this(file, "# Generated from %s: do not edit.\n".formatted(file) + read(file));
    }

    Manifest with(String part, String template) {
      assertThat(text.split(Pattern.quote(part), -1))
          .as("%s has once, for a value of the chart to take its place:%n%s", file, part)
          .hasSize(2);
      return withAll(part, template);
    }

    Manifest withAll(String part, String template) {
      return new Manifest(file, text.replace(part, template));
    }

    String onlyIf(String condition) {
      return "{{- if %s }}\n%s{{- end }}\n".formatted(condition, text);
    }
  }
}
