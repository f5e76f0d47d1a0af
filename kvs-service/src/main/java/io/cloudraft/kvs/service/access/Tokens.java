package io.cloudraft.kvs.service.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Tokens of the form of RFC 6750, and what each allows.
 *
 * <p>Kept and compared are their digests: how long that takes tells nobody how near he was.
 *
 * @param byDigest never shown, though nobody could use it
 */
record Tokens(Map<ByteBuffer, Access> byDigest) {
  static final String READ_ONLY = "read-only";
  static final String READ_WRITE = "read-write";

  /** Shorter ones could be guessed. */
  private static final int MIN_LENGTH = 16;

  private static final int MAX_LENGTH = 256;
  private static final Pattern FORM = Pattern.compile("[-A-Za-z0-9._~+/]+=*");

  Tokens {
    byDigest = Map.copyOf(byDigest);
  }

  /** Those of the files {@code read-only} and {@code read-write}, in which each has a line. */
  static Tokens read(Path directory) {
    refuseOthers(directory);
    Map<ByteBuffer, Access> all = new HashMap<>();
    add(directory.resolve(READ_ONLY), Access.READ_ONLY, all);
    add(directory.resolve(READ_WRITE), Access.READ_WRITE, all);
    if (all.isEmpty()) {
      throw new UnusableTokens(
          "There is no token in %s: of the files %s and %s at least one must be there, with a token in each line."
              .formatted(directory, READ_ONLY, READ_WRITE));
    }
    return new Tokens(all);
  }

  /** A name that was mistyped must not look like tokens that are refused. */
  private static void refuseOthers(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      // What begins with a dot is how Kubernetes changes all files at once.
      Optional<String> other =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> !name.startsWith("."))
              .filter(name -> !name.equals(READ_ONLY) && !name.equals(READ_WRITE))
              .findFirst();
      if (other.isPresent()) {
        throw new UnusableTokens(
            "The file %s in %s has no meaning: tokens are in %s and %s."
                .formatted(other.get(), directory, READ_ONLY, READ_WRITE));
      }
    } catch (IOException e) {
      throw new UnusableTokens(
          "The directory %s of the tokens is not there, or cannot be read.".formatted(directory));
    }
  }

  private static void add(Path file, Access access, Map<ByteBuffer, Access> all) {
    if (!Files.exists(file)) {
      return;
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(file, ISO_8859_1);
    } catch (IOException e) {
      throw new UnusableTokens("The file %s cannot be read.".formatted(file));
    }
    for (int i = 0; i < lines.size(); i++) {
      String token = lines.get(i).strip();
      if (!token.isEmpty()) {
        check(token, file, i + 1);
        all.put(digest(token.getBytes(ISO_8859_1), 0, token.length()), access);
      }
    }
  }

  private static void check(String token, Path file, int line) {
    if (token.length() < MIN_LENGTH || token.length() > MAX_LENGTH) {
      throw new UnusableTokens(
          "Line %d of %s has %d characters, and a token %d to %d."
              .formatted(line, file, token.length(), MIN_LENGTH, MAX_LENGTH));
    }
    if (!FORM.matcher(token).matches()) {
      throw new UnusableTokens(
          "Line %d of %s is no token: it may have letters, digits, '-', '.', '_', '~', '+' and '/', and '=' at its end."
              .formatted(line, file));
    }
  }

  private static ByteBuffer digest(byte[] text, int from, int end) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(text, from, end - from);
      return ByteBuffer.wrap(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** What the token allows that is in this part of a text. */
  Access accessOf(byte[] text, int from, int end) {
    return byDigest.getOrDefault(digest(text, from, end), Access.NONE);
  }

  /** Whether somebody may do less with these than with the others. */
  boolean allowLessThan(Tokens others) {
    return others.byDigest.entrySet().stream()
        .anyMatch(
            other -> !byDigest.getOrDefault(other.getKey(), Access.NONE).allows(other.getValue()));
  }

  @Override
  public String toString() {
    return "%d tokens".formatted(byDigest.size());
  }
}
