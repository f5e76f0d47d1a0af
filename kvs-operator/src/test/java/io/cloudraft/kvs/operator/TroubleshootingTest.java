package io.cloudraft.kvs.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudraft.kvs.operator.status.Reason;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever reads a reason or an alert finds it in docs/troubleshooting.md. */
class TroubleshootingTest {
  private static final Pattern HEADING = Pattern.compile("(?m)^### (.+)$");

  @Test
  void hasASectionForEachReason() throws IOException {
    assertThat(headings("## Reasons"))
        .containsExactlyInAnyOrderElementsOf(Stream.of(Reason.values()).map(Enum::name).toList());
  }

  @Test
  void hasASectionForEachAlert() throws IOException {
    var rules =
        Serialization.unmarshal(
            Files.readString(Path.of("../config/prometheus/rules.yaml")), PrometheusRule.class);

    assertThat(headings("## Alerts"))
        .containsExactlyElementsOf(
            rules.getSpec().getGroups().stream()
                .flatMap(group -> group.getRules().stream())
                .map(Rule::getAlert)
                .toList());
  }

  private static List<String> headings(String part) throws IOException {
    var page = Files.readString(Path.of("../docs/troubleshooting.md"));
    var text = page.substring(page.indexOf("\n" + part + "\n") + part.length());
    int end = text.indexOf("\n## ");
    return HEADING
        .matcher(end < 0 ? text : text.substring(0, end))
        .results()
        .map((MatchResult heading) -> heading.group(1))
        .toList();
  }
}
