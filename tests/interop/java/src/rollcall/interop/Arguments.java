package rollcall.interop;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;

/** What a step was given. Documents become the client's own classes. */
final class Arguments {
  private final JsonNode request;

  Arguments(JsonNode request) {
    this.request = request;
  }

  boolean has(String name) {
    return request.hasNonNull(name);
  }

  String text(String name) {
    return required(name).asText();
  }

  /** Null when it was not given, as the client is called without it. */
  String optionalText(String name) {
    return has(name) ? text(name) : null;
  }

  boolean flag(String name) {
    return request.path(name).asBoolean();
  }

  long number(String name) {
    return required(name).asLong();
  }

  <T> T as(String name, Class<T> type) {
    return Output.JSON.convertValue(required(name), type);
  }

  <T> T as(String name, TypeReference<T> type) {
    return Output.JSON.convertValue(required(name), type);
  }

  private JsonNode required(String name) {
    if (!has(name)) throw new IllegalArgumentException("this step needs " + name);
    return request.get(name);
  }
}
