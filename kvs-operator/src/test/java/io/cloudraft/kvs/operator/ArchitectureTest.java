package io.cloudraft.kvs.operator;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The way of a resource, api to settings to resource to status, has no way back. */
class ArchitectureTest {
  private static final String OURS = "io.cloudraft.kvs.operator";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(OURS);

  @Test
  void arrowsPointOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage(OURS + "..")
        .layer("reconciler")
        .definedBy(OURS)
        .layer("status")
        .definedBy(OURS + ".status")
        .layer("resource")
        .definedBy(OURS + ".resource")
        .layer("settings")
        .definedBy(OURS + ".settings")
        .layer("api")
        .definedBy(OURS + ".api")
        .layer("ops")
        .definedBy(OURS + ".ops")
        .whereLayer("reconciler")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("status")
        .mayOnlyBeAccessedByLayers("reconciler")
        .whereLayer("resource")
        .mayOnlyBeAccessedByLayers("reconciler", "status")
        .whereLayer("settings")
        .mayOnlyBeAccessedByLayers("reconciler", "status", "resource")
        .whereLayer("ops")
        .mayOnlyBeAccessedByLayers("reconciler")
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching(OURS + ".(*)..").should().beFreeOfCycles().check(CLASSES);
  }
}
