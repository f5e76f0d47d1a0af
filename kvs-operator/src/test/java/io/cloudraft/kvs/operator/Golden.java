package io.cloudraft.kvs.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A committed file that is compared with what the code makes now. {@code -Dgolden=write} rewrites
 * all of them, and the diff is the review.
 */
public record Golden(Path file) {

  public static Golden file(String path) {
    return new Golden(Path.of(path));
  }

  public void matches(String made) {
    try {
      if ("write".equals(System.getProperty("golden"))) {
        Files.writeString(file, made);
      }
      assertThat(Files.exists(file) ? Files.readString(file) : "(no such file)\n")
          .as(
              "%s differs from what the code makes. If the code is right: ./mvnw test -pl kvs-operator"
                  + " -Dgolden=write, then look at the diff.",
              file)
          .isEqualTo(made);
    } catch (IOException e) {
      throw new AssertionError("cannot read or write " + file.toAbsolutePath(), e);
    }
  }
}
