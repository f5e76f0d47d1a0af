package io.cloudraft.kvs.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A store on a file system of 1 GiB, or of 64 MiB, which is filled: dev/powercut/check mounts them.
 */
@Tag("powercut")
class FullDiskTest {
  private static final Path DISK = Path.of(System.getProperty("small.disk", "small-disk"));
  private static final Path SMALLEST_DISK =
      Path.of(System.getProperty("smallest.disk", "smallest-disk"));
  private static final Path OTHERS = DISK.resolve("others");
  private static final int MIB = 1024 * 1024;
  private static final int WRITERS = 8;

  private final HttpClient client = HttpClient.newHttpClient();
  private final AtomicInteger next = new AtomicInteger();

  /** What was acknowledged: the value of each key is made from its number. */
  private final Set<Integer> kept = ConcurrentHashMap.newKeySet();

  private final AtomicInteger refused = new AtomicInteger();
  private Path disk = DISK;
  private int heap = 96;
  private ServiceProcess service;

  @BeforeEach
  void start() throws IOException {
    assertThat(Files.getFileStore(DISK).getTotalSpace()).isEqualTo(1024L * MIB);
    startService();
  }

  private void startService() throws IOException {
    service =
        ServiceProcess.start(
            disk.resolve("data"), Map.of("JAVA_TOOL_OPTIONS", "-Xmx%dm".formatted(heap)));
    service.awaitStart();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    stopAndForget();
  }

  private void stopAndForget() throws Exception {
    service.kill();
    try (Stream<Path> files = Files.walk(disk)) {
      for (Path file : files.skip(1).sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void refusesWritesAndReadsOnUntilThereIsRoomAgain() throws Exception {
    fillUpTo(256 * MIB);
    HttpResponse<String> full = putUntilFull();

    assertThat(full.statusCode()).isEqualTo(503);
    assertThat(full.headers().firstValue("Retry-After")).contains("10");
    assertThat(full.body())
        .contains("\"code\":\"disk_full\"", "bytes are free", Integer.toString(128 * MIB));
    // The engine still makes some room, by what it tidies up.
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              fillUpTo(96 * MIB);
              assertThat(get("/readyz").statusCode()).isEqualTo(200);
              assertThat(get("/readyz").body()).contains("\"refusesWrites\":\"The disk of ");
              assertThat(get("/metrics").body()).contains("kvs_writable 0.0", "kvs_disk_full 1.0");
              assertThat(put(next.getAndIncrement()).statusCode()).isEqualTo(503);
              int one = kept.iterator().next();
              assertThat(delete(one)).as("deleting is how room is made").isEqualTo(204);
              kept.remove(one);
            });
    assertEverythingIsThere();
    assertThat(get("/v1/kv?limit=1").statusCode()).isEqualTo(200);

    Files.delete(OTHERS);
    awaitPutIsTaken();
    assertThat(get("/metrics").body()).contains("kvs_writable 1.0", "kvs_disk_full 0.0");
    assertThat(get("/readyz").body()).isEqualTo("{\"ready\":true}");
    assertNothingIsLostByAKill();
  }

  /** It has filled what there is itself, and nobody else gives it any room. */
  @Test
  void takesPutsAgainWhenMostKeysAreDeleted() throws Exception {
    fillUpTo(512 * MIB);
    takesPutsInThePlaceOfWhatIsDeleted();
  }

  /** The smallest that a KvStore may have, with the memory that it has by default. */
  @Test
  void doesSoOnTheSmallestDiskAsWell() throws Exception {
    stopAndForget();
    disk = SMALLEST_DISK;
    heap = 205;
    startService();
    takesPutsInThePlaceOfWhatIsDeleted();
    assertThat(kept).hasSizeGreaterThan(200);
  }

  private void takesPutsInThePlaceOfWhatIsDeleted() throws Exception {
    putUntilFullForLong();
    int most = kept.size();
    for (int number : List.copyOf(kept).subList(most / 10, most)) {
      await()
          .pollDelay(Duration.ZERO)
          .atMost(Duration.ofMinutes(1))
          .until(() -> delete(number) == 204);
      kept.remove(number);
    }

    awaitPutIsTaken();
    putUntilFullForLong();
    assertThat(kept.size()).as("keys that fit where %d did", most).isGreaterThan(most / 2);
    assertNothingIsLostByAKill();
  }

  /** The first refusals may be for a merge that takes room for a while only. */
  private void putUntilFullForLong() throws Exception {
    for (int refusals = 0; refusals < 50; ) {
      if (put(next.getAndIncrement()).statusCode() == 503) {
        refusals++;
        Thread.sleep(100);
      }
    }
  }

  /** Room that is gone from one moment to the next, in the middle of logs, tables and merges. */
  @Test
  void losesNothingWhenOthersTakeAllTheRoom() throws Exception {
    Random random = new Random();
    for (int round = 0; round < 6; round++) {
      List<CompletableFuture<Void>> writers = new ArrayList<>();
      AtomicBoolean stop = new AtomicBoolean();
      for (int w = 0; w < WRITERS; w++) {
        writers.add(
            CompletableFuture.runAsync(
                () -> {
                  while (!stop.get()) {
                    putOrDeleteSome();
                  }
                }));
      }
      int before = next.get();
      int puts = 100 + random.nextInt(400);
      await().atMost(Duration.ofMinutes(1)).until(() -> next.get() > before + puts);
      fillUpTo(0);
      refused.set(0);
      await().atMost(Duration.ofMinutes(1)).until(() -> refused.get() > 20);
      assertThat(get("/readyz").statusCode()).isEqualTo(200);
      stop.set(true);
      writers.forEach(CompletableFuture::join);
      assertEverythingIsThere();
      Files.delete(OTHERS);
      awaitPutIsTaken();
    }
    assertNothingIsLostByAKill();
  }

  private void assertNothingIsLostByAKill() throws Exception {
    service.kill();
    startService();
    assertEverythingIsThere();
  }

  private void assertEverythingIsThere() throws Exception {
    assertThat(kept).isNotEmpty();
    for (int number : kept) {
      HttpResponse<byte[]> found =
          client.send(request("/v1/kv/" + number).build(), BodyHandlers.ofByteArray());
      assertThat(found.statusCode()).as("key %d", number).isEqualTo(200);
      assertThat(found.body()).as("key %d", number).isEqualTo(value(number));
    }
  }

  private HttpResponse<String> putUntilFull() throws Exception {
    HttpResponse<String> answer = put(next.getAndIncrement());
    while (answer.statusCode() < 300) {
      answer = put(next.getAndIncrement());
    }
    return answer;
  }

  private void putOrDeleteSome() {
    try {
      int number = next.getAndIncrement();
      HttpResponse<String> answer = put(number);
      if (answer.statusCode() >= 300) {
        assertThat(answer.body()).contains("\"code\":\"disk_full\"");
        refused.incrementAndGet();
        return;
      }
      // So that the disk is not filled by what is kept.
      int old = number - 300;
      if (kept.contains(old) && delete(old) == 204) {
        kept.remove(old);
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitPutIsTaken() {
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> put(next.getAndIncrement()).statusCode() == 201);
  }

  /** Takes room for others, until no more than so much is left. */
  private static void fillUpTo(long free) throws IOException {
    try (FileChannel others =
        FileChannel.open(OTHERS, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (DISK.toFile().getUsableSpace() > free) {
        others.write(ByteBuffer.allocate(MIB / 4));
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left on device");
    }
  }

  private static byte[] value(int number) {
    byte[] value = new byte[50_000 + number % 100_000];
    new Random(number).nextBytes(value);
    return value;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(service.uri(path)).timeout(Duration.ofMinutes(1));
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> put(int number) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        client.send(
            request("/v1/kv/" + number).PUT(BodyPublishers.ofByteArray(value(number))).build(),
            BodyHandlers.ofString());
    if (answer.statusCode() < 300) {
      kept.add(number);
    }
    return answer;
  }

  private int delete(int number) throws IOException, InterruptedException {
    return client
        .send(request("/v1/kv/" + number).DELETE().build(), BodyHandlers.ofString())
        .statusCode();
  }
}
