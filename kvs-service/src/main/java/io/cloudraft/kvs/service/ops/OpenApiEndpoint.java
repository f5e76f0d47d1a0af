package io.cloudraft.kvs.service.ops;

import io.cloudraft.kvs.service.http.Endpoint;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** {@code GET /openapi.yaml}: the HTTP interface, described for programs. */
public final class OpenApiEndpoint extends Endpoint {
  private final transient Asset document = new Asset("/http/openapi.yaml", "application/yaml");

  public OpenApiEndpoint() {
    super("/openapi.yaml", READ);
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    document.answer(response);
  }
}
