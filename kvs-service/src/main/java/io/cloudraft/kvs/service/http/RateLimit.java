package io.cloudraft.kvs.service.http;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/** Refuses what is beyond the {@link RequestRate}, before anything of it is done. */
final class RateLimit extends ValveBase {
  private final RequestRate rate;

  RateLimit(RequestRate rate) {
    super(true);
    this.rate = rate;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    if (OpenPaths.isRefusedOrOpen(request, response) || rate.tryCount()) {
      getNext().invoke(request, response);
      return;
    }
    ArrivingBodies.refuse(rate.refusal(), request, response);
  }
}
