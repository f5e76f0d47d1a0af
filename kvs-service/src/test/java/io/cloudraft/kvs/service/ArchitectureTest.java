package io.cloudraft.kvs.service;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows: http and ops know codec and store, engines know store, store knows nobody. */
class ArchitectureTest {
  private static final String ROOT = "io.cloudraft.kvs.service";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  private static void assertKnowsOnly(String room, String... others) {
    String[] known = new String[others.length + 1];
    known[0] = ROOT + "." + room + "..";
    for (int i = 0; i < others.length; i++) {
      known[i + 1] = ROOT + "." + others[i] + "..";
    }
    classes()
        .that()
        .resideInAPackage(ROOT + "." + room + "..")
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(known).or(not(resideInAPackage(ROOT + ".."))))
        .check(CLASSES);
  }

  @Test
  void theStoreContractKnowsNobody() {
    assertKnowsOnly("store");
    classes()
        .that()
        .resideInAPackage(ROOT + ".store..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(ROOT + ".store..", "java..", "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void enginesKnowOnlyTheStoreContract() {
    assertKnowsOnly("engine", "store");
  }

  @Test
  void theCodecKnowsOnlyTheStoreContract() {
    assertKnowsOnly("codec", "store");
  }

  @Test
  void whoMayDoWhatKnowsNobody() {
    assertKnowsOnly("access");
  }

  @Test
  void theHttpInterfaceKnowsNoEngine() {
    assertKnowsOnly("http", "access", "codec", "store");
  }

  @Test
  void operationsKnowNoEngine() {
    assertKnowsOnly("ops", "migration", "http", "access", "codec", "store");
  }

  @Test
  void theMigrationKnowsNoEngine() {
    assertKnowsOnly("migration", "codec", "store");
  }

  @Test
  void theCommandKnowsOnlyTheJdk() {
    classes()
        .that()
        .resideInAPackage(ROOT + ".command..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(ROOT + ".command..", "java..", "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void onlyEnginesKnowWhatTheyAreMadeOf() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".engine.rocksdb..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.rocksdb..")
        .check(CLASSES);
  }

  @Test
  void onlyTheProgramKnowsSpring() {
    noClasses()
        .that()
        .resideInAnyPackage(
            ROOT + ".store..",
            ROOT + ".codec..",
            ROOT + ".engine..",
            ROOT + ".migration..",
            ROOT + ".ops..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.springframework..")
        .check(CLASSES);
  }
}
