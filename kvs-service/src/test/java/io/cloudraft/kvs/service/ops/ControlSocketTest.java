package io.cloudraft.kvs.service.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.store.BackupFailure;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ControlSocketTest {
  private static final Map<String, ControlSocket.Command> COMMANDS =
      Map.of(
          "say",
          (arguments, answer) -> {
            answer.progress("thinking");
            arguments.forEach(answer::line);
          },
          "fail",
          (arguments, answer) -> {
            throw new BackupFailure("The disk\nis full.");
          },
          "break",
          (arguments, answer) -> {
            throw new IllegalStateException("a secret of the inside");
          });

  /** Not JUnit's own, whose path may be too long for a socket. */
  private Path directory = Path.of("");

  @BeforeEach
  void make() throws IOException {
    directory = Files.createTempDirectory(Path.of("/tmp"), "kvs");
  }

  @AfterEach
  void remove() throws IOException {
    for (String file : List.of("control.sock", "control.new", "x".repeat(100), "")) {
      Files.deleteIfExists(directory.resolve(file));
    }
  }

  private Path path() {
    return directory.resolve("control.sock");
  }

  private List<String> ask(String request) throws IOException {
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path()))) {
      client.write(ByteBuffer.wrap((request + "\n").getBytes(UTF_8)));
      return new String(Channels.newInputStream(client).readAllBytes(), UTF_8).lines().toList();
    }
  }

  @Test
  void answersWithProgressLinesAndSuccess() throws IOException {
    try (ControlSocket _ = ControlSocket.open(directory, COMMANDS)) {
      assertThat(ask("say  a b ")).containsExactly("~thinking", "=a", "=b", ".");
    }
  }

  @Test
  void answersWithOneSentenceOnFailure() throws IOException {
    try (ControlSocket _ = ControlSocket.open(directory, COMMANDS)) {
      assertThat(ask("fail")).containsExactly("!The disk is full.");
      assertThat(ask("break"))
          .containsExactly("!The command failed inside of the service; its log says more.");
      assertThat(ask("dance"))
          .singleElement()
          .asString()
          .startsWith("!There is no command \"dance\"")
          .contains("say");
      assertThat(ask("")).singleElement().asString().startsWith("!There is no command");
    }
  }

  @Test
  void isOnlyForTheUserOfTheService() throws IOException {
    try (ControlSocket _ = ControlSocket.open(directory, COMMANDS)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path())))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void takesThePlaceOfOneThatAKilledProcessLeft() throws IOException {
    // Closing such a channel leaves its file, as the end of a process does.
    for (Path left : List.of(path(), directory.resolve("control.new"))) {
      ServerSocketChannel.open(StandardProtocolFamily.UNIX)
          .bind(UnixDomainSocketAddress.of(left))
          .close();
      assertThat(left).exists();
    }

    try (ControlSocket _ = ControlSocket.open(directory, COMMANDS)) {
      assertThat(ask("say a")).containsExactly("~thinking", "=a", ".");
    }
  }

  @Test
  void isGoneWhenItIsClosed() {
    ControlSocket.open(directory, COMMANDS).close();

    assertThat(path()).doesNotExist();
    assertThatThrownBy(() -> ask("say a")).isInstanceOf(IOException.class);
  }

  @Test
  void isDoneWithoutWhereItsPathIsTooLong() throws IOException {
    Path deep = Files.createDirectory(directory.resolve("x".repeat(100)));

    try (ControlSocket _ = ControlSocket.open(deep, COMMANDS)) {
      assertThat(deep).isEmptyDirectory();
    }
  }
}
