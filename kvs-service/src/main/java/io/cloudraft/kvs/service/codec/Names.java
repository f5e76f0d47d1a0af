package io.cloudraft.kvs.service.codec;

import java.util.Iterator;

/** How messages write the names of parameters and fields. */
final class Names {
  private Names() {}

  static String field(String path) {
    return "field \"" + path + "\"";
  }

  /** All of them, with the word before the last. */
  static String listed(Iterable<String> names, String conjunction) {
    StringBuilder text = new StringBuilder();
    Iterator<String> rest = names.iterator();
    while (rest.hasNext()) {
      String name = rest.next();
      if (!text.isEmpty()) {
        text.append(rest.hasNext() ? ", " : " " + conjunction + " ");
      }
      text.append('"').append(name).append('"');
    }
    return text.toString();
  }
}
