package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The document is complete: every route is in it, and {@link RunningService} holds every answer of
 * every test against it.
 */
class OpenApiTest {
  @TempDir static Path directory;
  private static RunningService service;

  @BeforeAll
  static void start() {
    service = new RunningService(directory);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void hasEveryRouteAndNoOther() {
    assertThat(OpenApiDocument.read().paths())
        .as("the paths of openapi.yaml")
        .containsExactlyInAnyOrderElementsOf(
            service.routes().paths().stream()
                .map(path -> path.equals("/docs/") ? "/docs" : path)
                .map(path -> path.endsWith("/") ? path + "{key}" : path)
                .toList());
  }

  @Test
  void isServed() throws Exception {
    HttpResponse<String> answer = service.get("/openapi.yaml");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/yaml");
    assertThat(answer.body()).startsWith("openapi: 3.1.0");
  }

  @Test
  void isShownAsAPageThatLoadsNothingFromElsewhere() throws Exception {
    HttpResponse<String> page = service.get("/docs");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).doesNotContain("http:", "https:", "//");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'");
    for (String part :
        new String[] {
          "docs/swagger-ui.css",
          "docs/swagger-ui-bundle.js",
          "docs/start.js",
          "docs/favicon-32x32.png"
        }) {
      assertThat(page.body()).contains(part);
      assertThat(service.get("/" + part).statusCode()).as(part).isEqualTo(200);
    }
    assertThat(service.get("/docs/").headers().firstValue("Location")).contains("../docs");
    assertThat(service.get("/docs/index.html").statusCode()).isEqualTo(404);
  }
}
