package io.cloudraft.kvs.service.http;

import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.RequestRefused.Extras;
import org.springframework.http.HttpStatus;
import tools.jackson.core.JsonGenerator;

/**
 * What a client is told when a request fails; its JSON form is that of RFC 9457.
 *
 * @param detail a sentence for a person
 * @param extras what a program may want to know beside the code
 */
record Problem(ErrorCode code, String detail, Extras extras) {
  Problem(ErrorCode code, String detail) {
    this(code, detail, Extras.NONE);
  }

  /** The same, and this too. */
  Problem with(Extras more) {
    return new Problem(
        code,
        detail,
        json -> {
          extras.writeTo(json);
          more.writeTo(json);
        });
  }

  /** As a JSON object. */
  void writeTo(JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("title", HttpStatus.valueOf(code.status()).getReasonPhrase());
    json.writeNumberProperty("status", code.status());
    json.writeStringProperty("code", code.text());
    json.writeStringProperty("detail", detail);
    extras.writeTo(json);
    json.writeEndObject();
  }
}
