package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.Expiry;
import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.PageQuery;
import io.cloudraft.kvs.service.codec.Parameters;
import io.cloudraft.kvs.service.codec.TxnRequest;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.Promises;
import io.cloudraft.kvs.service.store.Value;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;

/** {@code GET /v1/capabilities}: the engine, what it promises, and every limit with its setting. */
public final class CapabilitiesEndpoint extends Endpoint {

  /**
   * A bound that a client can meet.
   *
   * @param setting the variable that sets it; nothing when it is fixed, or follows from others
   */
  public record Limit(String name, long value, Optional<String> setting) {
    public Limit(String name, long value, String setting) {
      this(name, value, Optional.of(setting));
    }

    private Limit(String name, long value) {
      this(name, value, Optional.empty());
    }

    private void write(JsonGenerator json) {
      json.writeObjectPropertyStart(name);
      json.writeNumberProperty("value", value);
      setting.ifPresent(variable -> json.writeStringProperty("setting", variable));
      json.writeEndObject();
    }
  }

  private final transient KeyValueStore store;
  private final transient Promises promises;
  private final String version;
  private final transient List<Limit> all;

  /**
   * All that there is to say of one store.
   *
   * @param version of this program
   * @param set the limits that a person can set
   */
  public CapabilitiesEndpoint(
      KeyValueStore store, Promises promises, String version, Limits limits, List<Limit> set) {
    super("/v1/capabilities", READ);
    this.store = store;
    this.promises = promises;
    this.version = version;
    this.all = new ArrayList<>(set);
    all.add(new Limit("maxBodyBytes", limits.maxBodyBytes()));
    all.add(new Limit("maxHeaderBytes", limits.maxHeaderBytes()));
    all.add(new Limit("maxContentTypeBytes", Value.MAX_CONTENT_TYPE_LENGTH));
    all.add(new Limit("maxTtlSeconds", Expiry.MAX_TTL_SECONDS));
    all.add(new Limit("maxTransactionItems", TxnRequest.MAX_ITEMS));
    all.add(new Limit("maxSearchLimit", PageQuery.MAX_LIMIT));
    all.add(new Limit("maxSearchBytes", PageQuery.MAX_BYTES));
  }

  @Override
  protected void answer(HttpServletRequest request, String rest, HttpServletResponse response)
      throws IOException {
    Parameters.parse(request.getQueryString(), List.of());
    Json.answer(response, HttpServletResponse.SC_OK, this::write);
  }

  private void write(JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("engine", promises.engine());
    json.writeStringProperty("version", version);
    json.writeObjectPropertyStart("promises");
    json.writeStringProperty("durability", promises.durability());
    json.writeStringProperty("consistency", promises.consistency());
    json.writeEndObject();
    json.writeObjectPropertyStart("limits");
    all.forEach(limit -> limit.write(json));
    store.maxTotalBytes().ifPresent(bytes -> new Limit("maxTotalBytes", bytes).write(json));
    json.writeEndObject();
    json.writeEndObject();
  }
}
