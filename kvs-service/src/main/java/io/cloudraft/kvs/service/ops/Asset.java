package io.cloudraft.kvs.service.ops;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** A file that comes with the program. It is asked for so seldom that it is not kept in memory. */
record Asset(String resource, String contentType) {
  Asset {
    Objects.requireNonNull(Asset.class.getResource(resource), "the program lacks " + resource);
  }

  void answer(HttpServletResponse response) throws IOException {
    response.setContentType(contentType);
    response.setHeader("Cache-Control", "no-cache");
    try (InputStream in = Objects.requireNonNull(Asset.class.getResourceAsStream(resource))) {
      in.transferTo(response.getOutputStream());
    }
  }
}
