package io.cloudraft.kvs.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** The commands of a page of docs, from the first to the last, in one shell. */
final class DocumentedCommands {
  /** Commands, and what of their output the page shows, line by line. */
  private static final Pattern BLOCK =
      Pattern.compile("(?ms)^```sh\n(.*?)^```\n(?:```\n(.*?)^```\n)?");

  private static final String BLOCK_ENDS = "── the next block of the page ──";

  private record Block(String commands, List<String> output) {}

  private final Path page;
  private final UnaryOperator<String> here;
  private final List<Block> blocks = new ArrayList<>();
  private final StringBuilder script = new StringBuilder();

  /**
   * Reads them.
   *
   * @param before what the page does not tell of, by the heading that it comes before
   * @param here makes of the page what fits this cluster
   */
  DocumentedCommands(Path page, Map<String, String> before, UnaryOperator<String> here) {
    this.page = page;
    this.here = here;
    for (var section : read(page).split("(?m)^(?=## )", -1)) {
      script.append(before.getOrDefault(section.lines().findFirst().orElse(""), ""));
      BLOCK
          .matcher(section)
          .results()
          .forEach(
              found -> {
                var output = found.group(2) == null ? "" : found.group(2);
                blocks.add(new Block(found.group(1), output.lines().toList()));
                script.append("echo '").append(BLOCK_ENDS).append("'\n").append(found.group(1));
              });
    }
  }

  private static String read(Path page) {
    try {
      return Files.readString(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int blocks() {
    return blocks.size();
  }

  /** Runs them; one that fails, or prints something else than the page says, fails the test. */
  void run() {
    var outputs =
        Command.run("bash", "-c", prelude() + here.apply(script.toString())).split(BLOCK_ENDS, -1);
    assertThat(outputs).hasSize(blocks.size() + 1);
    for (int i = 0; i < blocks.size(); i++) {
      for (var line : blocks.get(i).output()) {
        assertThat(outputs[i + 1]).as(blocks.get(i).commands()).contains(line);
      }
    }
  }

  /**
   * A shell that stops at the first failure, says where, and leaves the person's own context alone.
   */
  private String prelude() {
    var kubeconfig = page.getFileName().toString().replace(".md", ".kubeconfig");
    return """
        set -Eeuo pipefail
        trap 'echo "failed: $BASH_COMMAND"' ERR
        cd ..
        cp "$KUBECONFIG" kvs-operator/target/%1$s
        export KUBECONFIG=$PWD/kvs-operator/target/%1$s
        # The Ingress controller hears of a pod a moment after the store is Ready.
        curl() { command curl --connect-to ::%2$s --retry 20 --retry-delay 1 --retry-all-errors "$@"; }
        """
        .formatted(kubeconfig, Environment.ingressAddress());
  }
}
