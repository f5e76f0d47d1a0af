package io.cloudraft.kvs.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The CronJob of docs/backup.md. It does what the page says before, and has the rights for that.
 */
class BackupDocumentTest {
  private static final Pattern YAML = Pattern.compile("(?ms)^```yaml\n(.*?)^```$");

  @Test
  void jobRunsTheCommandOfThePage() throws IOException {
    var pod = find(CronJob.class).getSpec().getJobTemplate().getSpec().getTemplate().getSpec();

    assertThat(pod.getContainers())
        .singleElement()
        .satisfies(
            container -> {
              assertThat(String.join(" ", container.getCommand()))
                  .isEqualTo("kubectl exec deployment/demo -- java @/app/kvs backup create");
              assertThat(page())
                  .contains(
                      "kvs() { kubectl exec deploy/demo -- java @/app/kvs \"$@\"; }",
                      "\nkvs backup create ");
              assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
              assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
              assertThat(container.getSecurityContext().getCapabilities().getDrop())
                  .containsExactly("ALL");
            });
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
  }

  @Test
  void jobHasTheRoleOfThePage() throws IOException {
    var account = find(ServiceAccount.class).getMetadata().getName();
    var role = find(Role.class);
    var binding = find(RoleBinding.class);

    assertThat(
            find(CronJob.class)
                .getSpec()
                .getJobTemplate()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getServiceAccountName())
        .isEqualTo(account);
    assertThat(binding.getSubjects())
        .singleElement()
        .satisfies(subject -> assertThat(subject.getName()).isEqualTo(account));
    assertThat(binding.getRoleRef().getName()).isEqualTo(role.getMetadata().getName());
    assertThat(role.getRules())
        .extracting(rule -> rule.getResources().getFirst())
        .containsExactly("deployments", "pods", "pods/exec");
  }

  private static <T extends HasMetadata> T find(Class<T> kind) throws IOException {
    return objects().stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .findFirst()
        .orElseThrow(() -> new AssertionError("docs/backup.md has no " + kind.getSimpleName()));
  }

  private static List<HasMetadata> objects() throws IOException {
    var yaml = YAML.matcher(page());
    assertThat(yaml.find()).isTrue();
    return Arrays.stream(yaml.group(1).split("(?m)^---$", -1))
        .map(object -> Serialization.unmarshal(object, HasMetadata.class))
        .toList();
  }

  private static String page() throws IOException {
    return Files.readString(Path.of("../docs/backup.md"));
  }
}
