package io.cloudraft.kvs.service.engine.etcd;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A test that starts etcd: {@code ./mvnw verify -Detcd.binaries=$(dev/cluster/cluster etcd)}. */
@EnabledIfSystemProperty(named = "etcd.binaries", matches = ".+")
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface NeedsEtcd {}
