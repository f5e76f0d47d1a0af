package io.cloudraft.kvs.service.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows what each request may do: everything, unless there is a directory with tokens. Its files
 * are read anew when they change.
 */
public final class Guard implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Guard.class);

  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final byte[] SCHEME = "bearer ".getBytes(ISO_8859_1);

  private volatile @Nullable Tokens tokens;
  private volatile Optional<String> trouble = Optional.empty();
  private volatile Runnable whenRevoked = () -> {};
  private final @Nullable Thread reader;

  /**
   * Reads the tokens.
   *
   * @param directory nothing where everybody may do everything
   * @throws UnusableTokens if they are not what they should be
   */
  public Guard(Optional<Path> directory) {
    this.tokens = directory.map(Tokens::read).orElse(null);
    this.reader =
        directory
            .map(path -> Thread.ofPlatform().daemon().name("kvs-tokens").start(() -> follow(path)))
            .orElse(null);
  }

  /** To be done whenever a token allows less than before. */
  public void whenRevoked(Runnable action) {
    whenRevoked = action;
  }

  /** Whether there is anything to ask for. */
  public boolean isOpen() {
    return tokens == null;
  }

  /** Why the tokens that were read before are used on. */
  public Optional<String> trouble() {
    return trouble;
  }

  /**
   * What a request may do.
   *
   * @param header the value of its header Authorization; empty if it has none
   */
  public Access accessOf(String header) {
    byte[] text = header.getBytes(ISO_8859_1);
    return accessOf(text, 0, text.length);
  }

  /**
   * The same, where the header is a part of a text.
   *
   * @param text not changed by anybody meanwhile
   */
  public Access accessOf(byte[] text, int from, int end) {
    Tokens known = tokens;
    if (known == null) {
      return Access.READ_WRITE;
    }
    int start = skipSpaces(text, from, end);
    if (!hasScheme(text, start, end)) {
      return Access.NONE;
    }
    int token = skipSpaces(text, start + SCHEME.length, end);
    int tokenEnd = end;
    while (tokenEnd > token && text[tokenEnd - 1] == ' ') {
      tokenEnd--;
    }
    return known.accessOf(text, token, tokenEnd);
  }

  private static int skipSpaces(byte[] text, int from, int end) {
    int at = from;
    while (at < end && text[at] == ' ') {
      at++;
    }
    return at;
  }

  private static boolean hasScheme(byte[] text, int start, int end) {
    if (end - start < SCHEME.length) {
      return false;
    }
    for (int i = 0; i < SCHEME.length; i++) {
      byte c = text[start + i];
      if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != SCHEME[i]) {
        return false;
      }
    }
    return true;
  }

  private void follow(Path directory) {
    try {
      while (true) {
        Thread.sleep(INTERVAL);
        read(directory);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read(Path directory) {
    try {
      Tokens before = tokens;
      Tokens now = Tokens.read(directory);
      trouble = Optional.empty();
      if (before != null && !now.equals(before)) {
        tokens = now;
        log.info("The tokens have changed: there are {} now.", now);
        if (now.allowLessThan(before)) {
          whenRevoked.run();
        }
      }
    } catch (UnusableTokens e) {
      if (!trouble.equals(Optional.of(e.getMessage()))) {
        log.error("{} The tokens from before are used on.", e.getMessage());
        trouble = Optional.of(e.getMessage());
      }
    } catch (RuntimeException e) {
      log.error("The tokens cannot be read. Those from before are used on.", e);
    }
  }

  @Override
  public void close() {
    if (reader != null) {
      reader.interrupt();
    }
  }
}
