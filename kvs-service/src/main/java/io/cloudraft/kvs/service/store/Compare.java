package io.cloudraft.kvs.service.store;

import java.util.Optional;
import java.util.Set;

/** What a transaction expects of a key before it changes anything. */
public sealed interface Compare {
  Key key();

  /**
   * Whether it is so.
   *
   * @param current what is under the key now; nothing when there is no such key
   */
  boolean holds(Optional<Entry> current);

  /** That there is such a key, or that there is none. */
  record Exists(Key key, boolean expected) implements Compare {
    @Override
    public boolean holds(Optional<Entry> current) {
      return current.isPresent() == expected;
    }
  }

  /** That the last change of the key is one of these. */
  record ModifiedAt(Key key, Set<Revision> revisions) implements Compare {
    public ModifiedAt {
      revisions = Set.copyOf(revisions);
    }

    @Override
    public boolean holds(Optional<Entry> current) {
      return current.isPresent() && revisions.contains(current.get().metadata().modified());
    }
  }

  /** That the key does not exist, or that its last change is none of these. */
  record NotModifiedAt(Key key, Set<Revision> revisions) implements Compare {
    public NotModifiedAt {
      revisions = Set.copyOf(revisions);
    }

    @Override
    public boolean holds(Optional<Entry> current) {
      return current.isEmpty() || !revisions.contains(current.get().metadata().modified());
    }
  }

  /** That the key was put this often since it was created. */
  record VersionIs(Key key, long version) implements Compare {
    @Override
    public boolean holds(Optional<Entry> current) {
      return current.isPresent() && current.get().metadata().version() == version;
    }
  }

  /** That the value under the key is these bytes. */
  record ValueIs(Key key, Bytes bytes) implements Compare {
    @Override
    public boolean holds(Optional<Entry> current) {
      return current.isPresent() && current.get().value().bytes().equals(bytes);
    }
  }
}
