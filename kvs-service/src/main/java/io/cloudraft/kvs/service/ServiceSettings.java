package io.cloudraft.kvs.service;

import io.cloudraft.kvs.service.codec.Limits;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** All that a person may set, as it came from the environment, checked. */
record ServiceSettings(Path dataDirectory, Limits limits) {
  private static final int MAX_KEY_BYTES = 8192;
  private static final int MAX_VALUE_BYTES = 16 * 1024 * 1024;

  static ServiceSettings parse(String dataDirectory, String maxKeyBytes, String maxValueBytes) {
    return new ServiceSettings(
        path("KVS_DATA_DIRECTORY", dataDirectory),
        new Limits(
            number("KVS_MAX_KEY_BYTES", maxKeyBytes, MAX_KEY_BYTES),
            number("KVS_MAX_VALUE_BYTES", maxValueBytes, MAX_VALUE_BYTES)));
  }

  private static Path path(String name, String value) {
    if (value.isBlank()) {
      throw new InvalidSetting(name, value, "the path of a directory");
    }
    try {
      return Path.of(value).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw new InvalidSetting(name, value, "the path of a directory");
    }
  }

  private static int number(String name, String value, int max) {
    // Longer ones would not fit into an int, and are too large anyway.
    int number = value.matches("[0-9]{1,9}") ? Integer.parseInt(value) : 0;
    if (number < 1 || number > max) {
      throw new InvalidSetting(name, value, "a whole number of bytes from 1 to " + max);
    }
    return number;
  }
}
