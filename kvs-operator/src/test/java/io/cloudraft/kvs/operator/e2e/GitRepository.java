package io.cloudraft.kvs.operator.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A repository that a person commits to. */
record GitRepository(Path folder) {

  static GitRepository create(Path folder) {
    Command.run("rm", "-rf", folder.toString());
    Command.run("git", "init", "-q", "--initial-branch=main", folder.toString());
    return new GitRepository(folder.toAbsolutePath().normalize());
  }

  String url() {
    return "file://" + folder;
  }

  GitRepository copy(Path from, String to) {
    Command.run("cp", "-rT", from.toString(), folder.resolve(to).toString());
    return this;
  }

  GitRepository write(String file, String text) {
    try {
      var path = folder.resolve(file);
      Files.createDirectories(path.getParent());
      Files.writeString(path, text);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  GitRepository remove(String file) {
    Command.run("rm", folder.resolve(file).toString());
    return this;
  }

  /** The revision that it is from now on. */
  String commit() {
    git("add", "--all");
    git(
        "-c",
        "user.name=e2e",
        "-c",
        "user.email=e2e@localhost",
        "commit",
        "-q",
        "-m",
        "as the test goes on");
    return git("rev-parse", "HEAD").strip();
  }

  private String git(String... arguments) {
    return Command.run(
        Stream.concat(Stream.of("git", "-C", folder.toString()), Stream.of(arguments))
            .toArray(String[]::new));
  }
}
