package io.cloudraft.kvs.service.engine.rocksdb;

import io.cloudraft.kvs.service.store.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a disk holds, and what of it would be left if the power went now.
 *
 * <p>It promises less than the file systems that people use: the content of a file lasts once the
 * file was synced, its name once the directory was. Of what was written since then anything may be
 * left: nothing, all, a beginning, or any of the blocks, in whatever order they came. Of the names
 * in a directory, changes may be missing from any one on, but not one from the middle: all file
 * systems with a journal of names keep that order, and RocksDB builds on it.
 */
final class SimulatedDisk {
  private static final int SECTOR_SIZE = 512;

  private sealed interface Node {}

  private static final class Folder implements Node {
    final Map<String, Node> lasting = new TreeMap<>();
    final Map<String, Node> now = new TreeMap<>();
  }

  private static final class Content implements Node {
    byte[] lasting = {};
    final List<Change> unsynced = new ArrayList<>();

    byte[] now() {
      return applied(unsynced);
    }

    void sync() {
      if (unsynced.stream().allMatch(change -> !change.resizes && change.end() <= lasting.length)) {
        unsynced.forEach(change -> change.copyTo(lasting));
      } else {
        lasting = now();
      }
      unsynced.clear();
    }

    /**
     * The beginning of a change that is cut short. What makes the file longer may end anywhere, by
     * the length that was kept; what lies within it is kept in whole sectors.
     */
    Change beginning(Change change, Random random) {
      int kept = random.nextInt(change.size() + 1);
      long sector = (change.offset + kept) / SECTOR_SIZE * SECTOR_SIZE;
      return change.end() > lasting.length
          ? change.from(0, kept)
          : change.from(0, (int) Math.max(0, sector - change.offset));
    }

    byte[] applied(List<Change> changes) {
      long room = changes.stream().mapToLong(Change::end).max().orElse(0);
      byte[] bytes = Arrays.copyOf(lasting, (int) Math.max(room, lasting.length));
      int size = lasting.length;
      for (Change change : changes) {
        change.copyTo(bytes);
        int end = change.end();
        if (change.resizes && end < size) {
          Arrays.fill(bytes, end, size, (byte) 0);
        }
        size = change.resizes ? end : Math.max(size, end);
      }
      return Arrays.copyOf(bytes, size);
    }
  }

  /** A change of a file's content: some bytes, or its size. */
  private record Change(long offset, Bytes bytes, boolean resizes) {
    int end() {
      return Math.toIntExact(offset + bytes.size());
    }

    int size() {
      return bytes.size();
    }

    void copyTo(byte[] content) {
      System.arraycopy(bytes.array(), 0, content, (int) offset, bytes.size());
    }

    Change from(int start, int end) {
      return new Change(
          offset + start, Bytes.wrap(Arrays.copyOfRange(bytes.array(), start, end)), false);
    }
  }

  /** A change of names that no sync has made last: the names of a renaming go together. */
  private record Naming(long request, Folder folder, String name, @Nullable Node node) {}

  private final Path root;
  private final Predicate<Path> ignoredSyncs;
  private final Folder tree;
  private final Map<Long, Content> inodes = new HashMap<>();
  private final List<Naming> unsynced = new ArrayList<>();

  /** A file that is kept open may have lost its name, but has a path for its sync to be ignored. */
  private final IdentityHashMap<Content, Path> paths = new IdentityHashMap<>();

  private long requests;

  /**
   * A disk with all that is below the directory now.
   *
   * @param ignoredSyncs files and directories that this disk says it has synced, and has not
   */
  SimulatedDisk(Path root, Predicate<Path> ignoredSyncs) throws IOException {
    this.root = root;
    this.ignoredSyncs = ignoredSyncs;
    this.tree = load(root);
  }

  private Folder load(Path directory) throws IOException {
    Folder folder = new Folder();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Node node;
        if (Files.isDirectory(file)) {
          node = load(file);
        } else {
          Content content = new Content();
          content.lasting = Files.readAllBytes(file);
          inodes.put((Long) Files.getAttribute(file, "unix:ino"), content);
          paths.put(content, file);
          node = content;
        }
        folder.lasting.put(file.getFileName().toString(), node);
        folder.now.put(file.getFileName().toString(), node);
      }
    }
    return folder;
  }

  void apply(DiskTrace.Request request) {
    requests++;
    switch (request.operation()) {
      case CREATE -> {
        Content content = new Content();
        inodes.put(request.inode(), content);
        paths.put(content, request.path());
        name(request.path(), content);
      }
      case WRITE ->
          content(request)
              .unsynced
              .add(new Change(request.number(), Bytes.wrap(request.content()), false));
      case RESIZE -> content(request).unsynced.add(new Change(request.number(), Bytes.EMPTY, true));
      case SYNC -> sync(content(request));
      case SYNC_DIRECTORY -> syncDirectory(request.path());
      case MAKE_DIRECTORY -> name(request.path(), new Folder());
      case RENAME -> {
        Node node = find(request.path());
        name(request.otherPath(), node);
        name(request.path(), null);
      }
      case REMOVE -> name(request.path(), null);
      case LINK -> name(request.otherPath(), find(request.path()));
    }
  }

  private Content content(DiskTrace.Request request) {
    Content content = inodes.get(request.inode());
    if (content == null) {
      throw new IllegalStateException("a file that nobody made: " + request.inode());
    }
    return content;
  }

  private void name(Path path, @Nullable Node node) {
    Folder folder = folderOf(path);
    String name = path.getFileName().toString();
    unsynced.add(new Naming(requests, folder, name, node));
    set(folder.now, name, node);
    if (node instanceof Content content) {
      paths.put(content, path);
    }
  }

  private static void set(Map<String, Node> names, String name, @Nullable Node node) {
    if (node == null) {
      names.remove(name);
    } else {
      names.put(name, node);
    }
  }

  private Folder folder(Path path) {
    return path.equals(root) ? tree : (Folder) find(path);
  }

  private Folder folderOf(Path path) {
    return folder(Objects.requireNonNull(path.getParent()));
  }

  private Node find(Path path) {
    Node node = folderOf(path).now.get(path.getFileName().toString());
    if (node == null) {
      throw new IllegalStateException("nobody made " + path);
    }
    return node;
  }

  private void sync(Content content) {
    if (!ignoredSyncs.test(paths.get(content))) {
      content.sync();
    }
  }

  private void syncDirectory(Path path) {
    if (!ignoredSyncs.test(path)) {
      Folder synced = folder(path);
      unsynced.removeIf(
          naming -> {
            if (naming.folder == synced) {
              set(synced.lasting, naming.name, naming.node);
            }
            return naming.folder == synced;
          });
    }
  }

  /** Whether a directory holds what it would hold without any cut. */
  void assertIsLike(Path directory) throws IOException {
    assertIsLike(tree, directory);
  }

  private static void assertIsLike(Folder folder, Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      List<String> names = files.map(file -> file.getFileName().toString()).sorted().toList();
      if (!names.equals(List.copyOf(folder.now.keySet()))) {
        throw new AssertionError(
            "%s has %s, by its record %s".formatted(directory, names, folder.now.keySet()));
      }
    }
    for (Map.Entry<String, Node> named : folder.now.entrySet()) {
      Path path = directory.resolve(named.getKey());
      switch (named.getValue()) {
        case Folder below -> assertIsLike(below, path);
        case Content content -> {
          if (!Arrays.equals(content.now(), Files.readAllBytes(path))) {
            throw new AssertionError(path + " differs from its record");
          }
        }
      }
    }
  }

  /** Writes what could be left after a cut now. */
  void cut(Path target, Random random) throws IOException {
    // Either all directories are from one moment, or each is from one of its own.
    boolean atOnce = random.nextBoolean();
    long moment = moment(random);
    IdentityHashMap<Folder, Long> moments = new IdentityHashMap<>();
    Set<Long> lost = new HashSet<>();
    for (Naming naming : unsynced) {
      if (naming.request
          > moments.computeIfAbsent(naming.folder, folder -> atOnce ? moment : moment(random))) {
        lost.add(naming.request);
      }
    }
    IdentityHashMap<Folder, Map<String, Node>> left = new IdentityHashMap<>();
    for (Naming naming : unsynced) {
      if (!lost.contains(naming.request)) {
        set(
            left.computeIfAbsent(naming.folder, folder -> new TreeMap<>(folder.lasting)),
            naming.name,
            naming.node);
      }
    }
    write(tree, target, left, random);
  }

  private long moment(Random random) {
    int first = random.nextInt(unsynced.size() + 1);
    return first == unsynced.size() ? requests : unsynced.get(first).request - 1;
  }

  private void write(
      Folder folder, Path target, IdentityHashMap<Folder, Map<String, Node>> left, Random random)
      throws IOException {
    Files.createDirectories(target);
    for (Map.Entry<String, Node> named : left.getOrDefault(folder, folder.lasting).entrySet()) {
      Path path = target.resolve(named.getKey());
      switch (named.getValue()) {
        case Folder below -> write(below, path, left, random);
        case Content content -> Files.write(path, left(content, random));
      }
    }
  }

  private byte[] left(Content content, Random random) {
    List<Change> changes = content.unsynced;
    boolean keepsOrder = keepsOrder(content);
    return switch (random.nextInt(keepsOrder ? 3 : 4)) {
      case 0 -> content.lasting;
      case 1 -> content.now();
      case 2 -> {
        List<Change> kept = new ArrayList<>(changes);
        if (!kept.isEmpty()) {
          kept.subList(random.nextInt(kept.size()) + 1, kept.size()).clear();
          Change torn = kept.removeLast();
          kept.add(torn.resizes ? torn : content.beginning(torn, random));
        }
        yield content.applied(kept);
      }
      default -> someBlocks(content, random);
    };
  }

  /**
   * Several records are written to a manifest before it is synced. Without a block of the first of
   * them they cannot be told from damage, and the store does not start: docs/durability.md says so.
   */
  private boolean keepsOrder(Content content) {
    Path name = Objects.requireNonNull(paths.get(content)).getFileName();
    return name != null && name.toString().startsWith("MANIFEST-");
  }

  /** Blocks that are not left, and lie before the end of the file, are zeros. */
  private static byte[] someBlocks(Content content, Random random) {
    int blockSize = random.nextBoolean() ? 512 : 4096;
    int percentKept = random.nextInt(101);
    List<Change> kept = new ArrayList<>();
    for (Change change : content.unsynced) {
      if (change.resizes) {
        if (random.nextInt(100) < percentKept) {
          kept.add(change);
        }
        continue;
      }
      for (int start = 0; start < change.size(); ) {
        long block = (change.offset + start) / blockSize;
        int end = (int) Math.min(change.size(), (block + 1) * blockSize - change.offset);
        if (random.nextInt(100) < percentKept) {
          kept.add(change.from(start, end));
        }
        start = end;
      }
    }
    byte[] left = content.applied(kept);
    boolean sizeIsKept = random.nextBoolean();
    return sizeIsKept ? Arrays.copyOf(left, Math.max(left.length, content.now().length)) : left;
  }
}
