package io.cloudraft.kvs.service;

/** A setting has a value that the service cannot run with. */
final class InvalidSetting extends RuntimeException {
  InvalidSetting(String name, String value, String allowed) {
    super("%s is \"%s\", and must be %s.".formatted(name, value, allowed));
  }
}
