package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * Holds answers against {@code openapi.yaml}: what it does not allow fails the test that got it.
 */
final class OpenApiDocument {
  private static final String FILE = "kvs-service/src/main/resources/http/openapi.yaml";

  /** What any request can be answered with before it reaches a route, as the document says. */
  private static final Set<Integer> BEFORE_ROUTES =
      Set.of(400, 401, 403, 408, 414, 417, 429, 431, 501, 505);

  private final Map<String, Map<String, Object>> paths;
  private final Map<String, Object> responses;

  private OpenApiDocument(Map<String, Object> document) {
    this.paths = member(document, "paths");
    this.responses = member(member(document, "components"), "responses");
  }

  static OpenApiDocument read() {
    LoaderOptions options = new LoaderOptions();
    options.setMaxAliasesForCollections(1000);
    try (InputStream in = OpenApiDocument.class.getResourceAsStream("/http/openapi.yaml")) {
      return new OpenApiDocument(new Yaml(options).load(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static <T> Map<String, T> member(Map<String, ?> object, String name) {
    return (Map<String, T>) Objects.requireNonNull(object.get(name), name);
  }

  Set<String> paths() {
    return paths.keySet();
  }

  void assertAllows(HttpResponse<?> answer) {
    String method = answer.request().method().toLowerCase(Locale.ROOT);
    String path = answer.request().uri().getRawPath();
    if (path.startsWith("/docs/")) {
      return; // The parts of a page are no interface.
    }
    Optional<String> template = template(path);
    int status = answer.statusCode();
    if (template.isEmpty()) {
      assertThat(status).as("%s %s, which is not in %s", method, path, FILE).isIn(400, 404, 414);
      return;
    }
    Map<String, Object> item = member(paths, template.get());
    if (!item.containsKey(method)) {
      assertThat(status)
          .as("%s %s: the method is not in %s", method, template.get(), FILE)
          .isEqualTo(405);
      return;
    }
    Map<String, Map<String, Object>> documented = member(member(item, method), "responses");
    Map<String, Object> response = documented.get(Integer.toString(status));
    if (response == null) {
      assertThat(BEFORE_ROUTES)
          .as("the status %d of %s %s is not in %s", status, method, template.get(), FILE)
          .contains(status);
      return;
    }
    assertAllowsContent(answer, resolved(response));
  }

  private Map<String, Object> resolved(Map<String, Object> response) {
    return response.get("$ref") instanceof String reference
        ? member(responses, reference.substring(reference.lastIndexOf('/') + 1))
        : response;
  }

  private static void assertAllowsContent(HttpResponse<?> answer, Map<String, Object> response) {
    Optional<String> type = answer.headers().firstValue("Content-Type");
    if (type.isEmpty()) {
      return;
    }
    String mediaType = type.get().replaceFirst(";.*", "").strip();
    Set<String> documented =
        response.containsKey("content") ? member(response, "content").keySet() : Set.of();
    assertThat(documented.contains("*/*") || documented.contains(mediaType))
        .as(
            "%s %s answers %d with %s; in %s are %s",
            answer.request().method(),
            answer.request().uri(),
            answer.statusCode(),
            mediaType,
            FILE,
            documented)
        .isTrue();
  }

  /** A path without a parameter goes before one with. */
  private Optional<String> template(String path) {
    return paths.keySet().stream()
        .filter(template -> pattern(template).matcher(path).matches())
        .min(Comparator.comparing(template -> template.contains("{")));
  }

  private static Pattern pattern(String template) {
    return Pattern.compile(
        String.join(
            ".*", List.of(template.split("\\{key}", -1)).stream().map(Pattern::quote).toList()),
        Pattern.DOTALL);
  }
}
