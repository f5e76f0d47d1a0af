package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs each command in docs/http.md and compares what it prints. A "…" in the document stands for
 * anything; of headers, those that the document shows must be there, in any order.
 */
class DocumentedExamplesTest {
  private static final Path DOCUMENT = Path.of("../docs/http.md");

  @TempDir Path directory;

  private record Example(String command, List<String> output) {}

  private static List<Example> examples() throws IOException {
    List<Example> examples = new ArrayList<>();
    boolean console = false;
    for (String line : Files.readAllLines(DOCUMENT)) {
      if (line.startsWith("```")) {
        console = line.equals("```console");
      } else if (console && line.startsWith("$ ")) {
        examples.add(new Example(line.substring(2), new ArrayList<>()));
      } else if (console) {
        examples.getLast().output.add(line);
      }
    }
    return examples;
  }

  private static String run(String command) throws IOException, InterruptedException {
    Process shell = new ProcessBuilder("bash", "-c", command).redirectErrorStream(true).start();
    String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    shell.waitFor();
    return output.replace("\r\n", "\n").strip();
  }

  private static Pattern pattern(String line) {
    return Pattern.compile(
        Arrays.stream(line.split("…", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
  }

  @Test
  void printWhatTheDocumentSays() throws Exception {
    assumeTrue(run("curl --version; echo $?").endsWith("\n0"), "the examples need bash and curl");
    List<Example> examples = examples();
    assertThat(examples).hasSizeGreaterThan(20);
    try (RunningService service = new RunningService(directory)) {
      for (Example example : examples) {
        String output =
            run(example.command.replace("localhost:8000", "localhost:" + service.port()));
        String[] parts = output.split("\n\n", 2);
        if (output.startsWith("HTTP/")) {
          assertHeaders(example, parts[0]);
          output = parts.length == 1 ? "" : parts[1];
        }
        assertThat(output)
            .as("$ %s", example.command)
            .matches(pattern(String.join("\n", bodyOf(example.output))));
      }
    }
  }

  private static List<String> bodyOf(List<String> output) {
    if (output.isEmpty() || !output.getFirst().startsWith("HTTP/")) {
      return output;
    }
    int end = output.indexOf("");
    return end < 0 ? List.of() : output.subList(end + 1, output.size());
  }

  private static void assertHeaders(Example example, String headers) {
    Set<String> documented = new TreeSet<>(example.output);
    documented.removeAll(bodyOf(example.output));
    documented.remove("");
    Set<String> found = headers.lines().map(String::strip).collect(Collectors.toSet());
    assertThat(found).as("$ %s", example.command).containsAll(documented);
  }
}
