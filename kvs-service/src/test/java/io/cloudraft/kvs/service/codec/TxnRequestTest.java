package io.cloudraft.kvs.service.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudraft.kvs.service.store.Bytes;
import io.cloudraft.kvs.service.store.Compare;
import io.cloudraft.kvs.service.store.Key;
import io.cloudraft.kvs.service.store.Operation;
import io.cloudraft.kvs.service.store.Revision;
import io.cloudraft.kvs.service.store.Value;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TxnRequestTest {
  private static final Limits LIMITS = new Limits(16, 100);
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00.000Z");

  private static TxnRequest parse(String body) {
    return TxnRequest.parse(StandardCharsets.UTF_8.encode(body.replace('\'', '"')), LIMITS, NOW);
  }

  private static void assertRefused(String body, ErrorCode code, String message) {
    assertThatThrownBy(() -> parse(body))
        .isInstanceOfSatisfying(
            RequestRefused.class, refused -> assertThat(refused.code()).isEqualTo(code))
        .hasMessageContaining(message.replace('\'', '"'));
  }

  private static String repeated(String item, int times) {
    return String.join(",", java.util.Collections.nCopies(times, item));
  }

  @Test
  void readsEveryComparison() {
    assertThat(
            parse(
                    """
                    {'compare':[{'key':'a','revision':12},{'version':3,'key':'b'},{'key':'c','value':'é'},
                     {'key':'d','base64':'/wA='},{'key':'e','exists':true},{'key':'e','exists':false}]}
                    """)
                .compares())
        .containsExactly(
            new Compare.ModifiedAt(Key.of("a"), Set.of(new Revision(12))),
            new Compare.VersionIs(Key.of("b"), 3),
            new Compare.ValueIs(Key.of("c"), Bytes.utf8("é")),
            new Compare.ValueIs(Key.of("d"), Bytes.wrap(new byte[] {-1, 0})),
            new Compare.Exists(Key.of("e"), true),
            new Compare.Exists(Key.of("e"), false));
  }

  @Test
  void readsEveryOperation() {
    assertThat(
            parse(
                    """
                    {'then':[{'op':'put','key':'a','value':'é'},{'op':'get','key':'a'},{'key':'b','op':'delete'},
                     {'base64':'/wA=','key':'c','op':'put'},{'op':'put','key':'d','value':'','contentType':'a/b'},
                     {'op':'put','key':'e','base64':'','contentType':'c/d','ttl':1.25},
                     {'op':'put','key':'f','value':'x','ttl':10}]}
                    """)
                .then())
        .containsExactly(
            new Operation.Put(Key.of("a"), Value.text("é")),
            new Operation.Get(Key.of("a")),
            new Operation.Delete(Key.of("b")),
            new Operation.Put(
                Key.of("c"), new Value("application/octet-stream", Bytes.wrap(new byte[] {-1, 0}))),
            new Operation.Put(Key.of("d"), new Value("a/b", Bytes.EMPTY)),
            new Operation.Put(
                Key.of("e"),
                new Value("c/d", Bytes.EMPTY),
                Optional.of(Instant.parse("2026-01-31T12:00:01.250Z"))),
            new Operation.Put(
                Key.of("f"), Value.text("x"), Optional.of(Instant.parse("2026-01-31T12:00:10Z"))));
  }

  @Test
  void tellsAnEmptyElseFromNone() {
    assertThat(parse("{'else':[]}").otherwise()).contains(List.of());
    assertThat(parse("{'then':[]}").otherwise()).isEmpty();
    assertThat(parse("{}").transaction().then()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~~ | body is empty: send a JSON object such as {'then'",
        "[] | body must be a JSON object with the fields 'compare', 'then' and 'else', not an array",
        "{'then':[]} {} | goes on after the end",
        "{'then':[] | not valid JSON",
        "{'Then':[]} | field 'Then' is unknown: there are 'compare', 'then' and 'else'",
        "{'then':[],'then':[]} | field 'then' is there twice",
        "{'then':{}} | field 'then' must be an array, not an object",
        "{'else':null} | field 'else' must be an array, not null",
        "{'then':[1]} | field 'then[0]' must be an object with the fields 'op', 'key'",
        "{'then':[{'op':'get','key':'a'},[]]} | field 'then[1]' must be an object",
        "{'then':[{}]} | field 'op' is missing in then[0]",
        "{'then':[{'op':'get'}]} | field 'key' is missing in then[0]",
        "{'else':[{'op':'put','key':'a'}]} | field 'value' or 'base64' is missing in else[0]",
        "{'then':[{'op':'PUT','key':'a'}]} | field 'then[0].op' must be 'put', 'get' or 'delete', not 'PUT'",
        "{'then':[{'op':1,'key':'a'}]} | field 'then[0].op' must be a string, not the number 1",
        "{'then':[{'op':'get','key':'a','x':1}]} | field 'then[0].x' is unknown: there are 'op', 'key',",
        "{'then':[{'op':'get','op':'put'}]} | field 'then[0].op' is there twice",
        "{'then':[{'op':'get','key':null}]} | field 'then[0].key' must be a string, not null",
        "{'then':[{'op':'get','key':''}]} | field 'then[0].key' is empty",
        "{'then':[{'op':'get','key':'\\ud800'}]} | field 'then[0].key' holds half",
        "{'then':[{'op':'get','key':'a','value':'b'}]} | operation then[0] has fields that only a 'put' has",
        "{'then':[{'op':'delete','key':'a','ttl':1}]} | operation then[0] has fields that only a 'put' has",
        "{'then':[{'op':'delete','key':'a','contentType':'a/b'}]} | operation then[0] has fields that only",
        "{'then':[{'op':'put','key':'a','value':1}]} | field 'then[0].value' must be a string, not the number 1",
        "{'then':[{'op':'put','key':'a','value':true}]} | field 'then[0].value' must be a string, not true",
        "{'then':[{'op':'put','key':'a','value':'x','base64':''}]} | field 'then[0].base64' comes beside",
        "{'then':[{'op':'put','key':'a','base64':'%'}]} | field 'then[0].base64' is not base64",
        "{'then':[{'op':'put','key':'a','base64':'_w=='}]} | field 'then[0].base64' is not base64",
        "{'then':[{'op':'put','key':'a','value':'','contentType':''}]} | field 'then[0].contentType' must have 1 to 255",
        "{'then':[{'op':'put','key':'a','value':'','contentType':'é'}]} | field 'then[0].contentType' must have",
        "{'then':[{'op':'put','key':'a','value':'','ttl':'1'}]} | field 'then[0].ttl' must be a number, not a string",
        "{'then':[{'op':'put','key':'a','value':'','ttl':0}]} | field 'then[0].ttl' must be seconds from 0.001",
        "{'then':[{'op':'put','key':'a','value':'','ttl':-1}]} | field 'then[0].ttl' must be seconds",
        "{'then':[{'op':'put','key':'a','value':'','ttl':1e3}]} | field 'then[0].ttl' must be seconds",
        "{'then':[{'op':'put','key':'a','value':'','ttl':1.0001}]} | at most 3 decimals, not '1.0001'",
        "{'then':[{'op':'put','key':'a','value':'1'},{'op':'delete','key':'a'}]} | operation then[1] changes the key 'a' a second time",
        "{'else':[{'op':'get','key':'a'},{'op':'delete','key':'b'},{'op':'delete','key':'b'}]} | operation else[2] changes the key 'b'",
        "{'compare':[{'exists':true}]} | field 'key' is missing in compare[0]",
        "{'compare':[{'key':'a'}]} | comparison compare[0] expects nothing: it needs one of 'revision', 'version'",
        "{'compare':[{'key':'a','version':1,'exists':true}]} | field 'compare[0].exists' is one expectation too many",
        "{'compare':[{'key':'a','value':'','base64':''}]} | field 'compare[0].base64' is one expectation too many",
        "{'compare':[{'key':'a','revision':0}]} | field 'compare[0].revision' must be a whole number from 1 on, not the number 0",
        "{'compare':[{'key':'a','revision':1.0}]} | must be a whole number from 1 on, not the number 1.0",
        "{'compare':[{'key':'a','revision':'1'}]} | must be a whole number from 1 on, not a string",
        "{'compare':[{'key':'a','version':-1}]} | field 'compare[0].version' must be a whole number from 1 on",
        "{'compare':[{'key':'a','version':9999999999999999999}]} | must be a whole number from 1 on",
        "{'compare':[{'key':'a','exists':1}]} | field 'compare[0].exists' must be true or false, not the number 1",
        "{'compare':[{'key':'a','exists':null}]} | must be true or false, not null",
        "{'compare':[{'key':'a','modified':1}]} | field 'compare[0].modified' is unknown",
      })
  void refusesWithThePathOfWhatIsWrong(String body, String message) {
    assertRefused(body, ErrorCode.MALFORMED, message);
  }

  @Test
  void holdsKeysAndValuesAgainstTheirLimits() {
    String longest = "k".repeat(16);
    String largest = "v".repeat(100);
    String put = "{'then':[{'op':'put','key':'%s','value':'%s'}]}";

    assertThat(parse(put.formatted(longest, largest)).then()).hasSize(1);
    assertRefused(
        put.formatted(longest + "k", ""),
        ErrorCode.KEY_TOO_LONG,
        "field 'then[0].key' has 17 bytes, and at most 16 are allowed (KVS_MAX_KEY_BYTES)");
    assertRefused(
        put.formatted("k", largest + "v"),
        ErrorCode.VALUE_TOO_LARGE,
        "field 'then[0].value' has 101 bytes, and at most 100 are allowed (KVS_MAX_VALUE_BYTES)");
    assertRefused(
        "{'then':[{'op':'put','key':'k','base64':'%s'}]}".formatted("A".repeat(136)),
        ErrorCode.VALUE_TOO_LARGE,
        "field 'then[0].base64' has 102 bytes");
    assertRefused(
        "{'compare':[{'key':'%sk','exists':true}]}".formatted(longest),
        ErrorCode.KEY_TOO_LONG,
        "field 'compare[0].key' has 17 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"compare", "then", "else"})
  void holdsEveryListAgainstItsLimit(String list) {
    String item = list.equals("compare") ? "{'key':'a','exists':true}" : "{'op':'get','key':'a'}";

    assertThat(parse("{'%s':[%s]}".formatted(list, repeated(item, 128)))).isNotNull();
    assertRefused(
        "{'%s':[%s]}".formatted(list, repeated(item, 129)),
        ErrorCode.MALFORMED,
        "field '%s' has more than 128 items".formatted(list));
  }

  @Test
  void allowsAKeyToBeChangedInBothListsAndReadInBetween() {
    String list = "[{'op':'put','key':'a','value':''},{'op':'get','key':'a'}]";

    assertThat(parse("{'then':%s,'else':%s}".formatted(list, list)).then()).hasSize(2);
  }
}
