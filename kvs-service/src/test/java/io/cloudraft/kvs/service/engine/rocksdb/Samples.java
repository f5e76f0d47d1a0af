package io.cloudraft.kvs.service.engine.rocksdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Data as earlier versions wrote it. */
final class Samples {
  private Samples() {}

  /** Written by version 0.1.0 as of format 1: 200 puts of abc-0 to abc-99, one of xyz-1. */
  static void unpackFormat1(Path directory) throws IOException {
    try (ZipInputStream zip =
        new ZipInputStream(Samples.class.getResourceAsStream("/data-format-1.zip"))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = directory.resolve(entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(file);
        } else {
          Files.createDirectories(file.getParent());
          Files.copy(zip, file);
        }
      }
    }
  }
}
