package io.cloudraft.kvs.service.ops;

import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.RequestRefused;
import io.cloudraft.kvs.service.http.Endpoint;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;

/**
 * {@code GET /docs}: a page to read what {@code /openapi.yaml} says and to try it, made by Swagger
 * UI. All that it needs comes from here, and its scripts may talk to nobody else.
 */
public final class DocsEndpoint extends Endpoint {
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
          + " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final String SCRIPT = "text/javascript;charset=utf-8";

  private final transient Asset page = new Asset("/http/docs.html", "text/html;charset=utf-8");
  private final transient Map<String, Asset> assets =
      Map.of(
          "start.js", new Asset("/http/docs.js", SCRIPT),
          "swagger-ui-bundle.js", swaggerUi("swagger-ui-bundle.js", SCRIPT),
          "swagger-ui.css", swaggerUi("swagger-ui.css", "text/css;charset=utf-8"),
          "favicon-32x32.png", swaggerUi("favicon-32x32.png", "image/png"));

  public DocsEndpoint() {
    super("/docs/", READ);
  }

  private static Asset swaggerUi(String file, String contentType) {
    Properties project = new Properties();
    try (InputStream in =
        DocsEndpoint.class.getResourceAsStream(
            "/META-INF/maven/org.webjars/swagger-ui/pom.properties")) {
      project.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Asset(
        "/META-INF/resources/webjars/swagger-ui/%s/%s"
            .formatted(project.getProperty("version"), file),
        contentType);
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    if (rest.isEmpty() && request.getRequestURI().endsWith("/")) {
      // The page names its parts relative to where it is.
      response.setStatus(HttpServletResponse.SC_MOVED_PERMANENTLY);
      response.setHeader("Location", "../docs");
      return;
    }
    Asset asset = rest.isEmpty() ? page : assets.get(rest);
    if (asset == null) {
      throw new RequestRefused(
          ErrorCode.UNKNOWN_PATH, "There is nothing at this path; the page is /docs.");
    }
    response.setHeader("Content-Security-Policy", POLICY);
    asset.answer(response);
  }
}
