package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.codec.ErrorCode;
import io.cloudraft.kvs.service.codec.Limits;
import io.cloudraft.kvs.service.codec.RequestRefused;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyReaderTest {
  private static final Limits LIMITS = new Limits(1024, 100_000);
  private static final int LARGEST = (int) LIMITS.maxBodyBytes();

  private final BodyReader reader = new BodyReader(LIMITS, 8L * 2 * LARGEST);

  private BodyReader.Body read(int size, long expected) throws IOException {
    return reader.read(new ByteArrayInputStream(new byte[size]), expected);
  }

  private static void assertRefused(ErrorCode code, ThrowingRead read) {
    assertThatThrownBy(read::run)
        .isInstanceOfSatisfying(
            RequestRefused.class, refused -> assertThat(refused.code()).isEqualTo(code));
  }

  @FunctionalInterface
  private interface ThrowingRead {
    void run() throws IOException;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 200_000})
  void readsABodyOfKnownOrUnknownLength(int size) throws IOException {
    try (BodyReader.Body known = read(size, size);
        BodyReader.Body unknown = read(size, -1)) {
      assertThat(known.bytes()).isEqualTo(ByteBuffer.wrap(new byte[size]));
      assertThat(unknown.bytes()).isEqualTo(ByteBuffer.wrap(new byte[size]));
    }
  }

  @Test
  void takesTheLargestBodyAndNotOneByteMore() throws IOException {
    read(LARGEST, LARGEST).close();
    read(LARGEST, -1).close();

    assertRefused(ErrorCode.BODY_TOO_LARGE, () -> read(LARGEST + 1, LARGEST + 1));
    assertRefused(ErrorCode.BODY_TOO_LARGE, () -> read(LARGEST + 1, -1));
  }

  @Test
  void holdsNoMoreThanItsShareOfTheHeapAtOnce() throws IOException {
    BodyReader.Body first = read(LARGEST, -1);

    assertRefused(
        ErrorCode.TOO_MANY_BODIES,
        () -> {
          try (BodyReader.Body second = read(LARGEST - 10, -1);
              BodyReader.Body third = read(LARGEST - 10, -1)) {
            assertThat(second).isNotSameAs(third);
          }
        });
    first.close();
    read(LARGEST, -1).close();
  }

  @Test
  void givesBackWhatRefusedBodiesTook() throws IOException {
    for (int i = 0; i < 100; i++) {
      assertRefused(ErrorCode.BODY_TOO_LARGE, () -> read(LARGEST + 1, -1));
    }

    read(LARGEST, -1).close();
  }

  /** A client may announce much and send nothing. */
  @Test
  void takesNoMemoryForWhatIsOnlyAnnounced() throws IOException {
    BodyReader.Body[] announced = new BodyReader.Body[10];
    for (int i = 0; i < announced.length; i++) {
      announced[i] = read(10, LARGEST);
    }

    for (BodyReader.Body body : announced) {
      body.close();
    }
  }
}
