package io.cloudraft.kvs.operator.e2e;

import java.nio.file.Path;

/** A key, and a certificate for it that nobody else has signed. */
record SelfSigned(Path key, Path certificate) {
  static SelfSigned of(String name, Path directory) {
    var made = new SelfSigned(directory.resolve(name + ".key"), directory.resolve(name + ".crt"));
    Command.run(
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=" + name,
        "-addext",
        "subjectAltName=DNS:" + name,
        "-keyout",
        made.key.toString(),
        "-out",
        made.certificate.toString());
    return made;
  }
}
