package io.cloudraft.kvs.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SearchTest {
  private static final Pattern NEXT = Pattern.compile("<([^>]*)>; rel=\"next\"");

  /** So long that a link to the next page of it is nearly as long as a header may be. */
  private static final String LONG = "é".repeat(500);

  @TempDir static Path directory;
  private static RunningService service;

  @BeforeAll
  static void start() throws Exception {
    service = new RunningService(directory);
    for (String key :
        List.of("xyz-2", "abc-1", "xyz-1", "abc-2", "q &+é😀\\\"-é", LONG + 1, LONG + 2)) {
      service.set("{\"key\":\"%s\",\"value\":\"\"}".formatted(key));
    }
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "prefix=abc | [\"abc-1\",\"abc-2\"]",
        "suffix=-1 | [\"abc-1\",\"xyz-1\"]",
        "prefix=abc&suffix=-1 | [\"abc-1\"]",
        "prefix=nobody | []",
        "prefix=q+%26%2B&suffix=%C3%A9 | [\"q &+é😀\\\"-é\"]",
        "limit=2&after=abc-1 | [\"abc-2\",\"q &+é😀\\\"-é\"]",
        "prefix=a{} | []",
      })
  void answersWithTheMatchingKeysAscending(String query, String keys) throws Exception {
    String answer = service.rawGet("/search?" + query);

    assertThat(answer).startsWith("HTTP/1.1 200").contains("application/json").endsWith(keys);
  }

  @Test
  void answersWithAllKeysWhenNothingIsAsked() throws Exception {
    HttpResponse<String> answer = service.get("/search");

    assertThat(answer.body())
        .isEqualTo(
            "[\"abc-1\",\"abc-2\",\"q &+é😀\\\"-é\",\"xyz-1\",\"xyz-2\",\"%s1\",\"%s2\"]"
                .formatted(LONG, LONG));
    assertThat(answer.headers().firstValue("Link")).isEmpty();
  }

  @Test
  void leadsFromPageToPage() throws Exception {
    List<String> pages = new ArrayList<>();
    Optional<String> next = Optional.of("/search?limit=2");
    while (next.isPresent()) {
      HttpResponse<String> answer = service.get(next.get());
      pages.add(answer.body());
      URI here = answer.uri();
      next =
          answer
              .headers()
              .firstValue("Link")
              .map(
                  link -> {
                    Matcher matcher = NEXT.matcher(link);
                    assertThat(matcher.matches()).as(link).isTrue();
                    URI resolved = here.resolve("/search" + matcher.group(1));
                    return resolved.getRawPath() + "?" + resolved.getRawQuery();
                  });
    }

    assertThat(pages)
        .containsExactly(
            "[\"abc-1\",\"abc-2\"]",
            "[\"q &+é😀\\\"-é\",\"xyz-1\"]",
            "[\"xyz-2\",\"%s1\"]".formatted(LONG),
            "[\"%s2\"]".formatted(LONG));
  }

  @Test
  void linksToTheNextPageOfTheLongestQuery() throws Exception {
    HttpResponse<String> answer =
        service.get("/search?limit=1&prefix=" + "%C3%A9".repeat(500) + "&suffix=");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Link")).isPresent();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "limit=0 | \\\"limit\\\" must be a whole number from 1 to 10000, not \\\"0\\\"",
        "pre=a | \\\"pre\\\" is unknown",
        "prefix=a&prefix=b | twice",
        "prefix=%ff | not UTF-8",
        "prefix=%4 | position 1",
      })
  void refusesAWrongQueryWithWhatIsWrong(String query, String message) throws Exception {
    assertThat(service.rawGet("/search?" + query)).startsWith("HTTP/1.1 400").contains(message);
  }
}
