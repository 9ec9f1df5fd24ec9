package gill.web;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// The direction rules of docs/architecture.md, on the web module's own classes.
class ArchitectureTest {
  private static final JavaClasses WEB =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("gill.web");

  @Test
  void indexer_isKnownToTheCommandLineOnly() {
    noClasses()
        .that(not(resideInAPackage("gill.web.cli..")))
        .should()
        .dependOnClassesThat(resideInAPackage("gill.indexer.."))
        .check(WEB);
  }

  @Test
  void commandLine_isKnownToNobody() {
    noClasses()
        .that(not(resideInAPackage("gill.web.cli..")))
        .should()
        .dependOnClassesThat(resideInAPackage("gill.web.cli.."))
        .check(WEB);
  }

  @Test
  void engineInternals_stayInTheEngine_butTheCareOfAnIndexNeedsNoEngine() {
    noClasses()
        .that(
            not(
                nameMatching(
                    "gill\\.web\\.cli\\.((Corpus|Switch|Index|SparkIndex|SearchBench|Verify|Migrate|Push)Command|ChosenImages|ServedCorpora|Places)(\\$.*)?")))
        .and(not(resideInAPackage("gill.web.bench..")))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "ai.djl..",
                "ai.onnxruntime..",
                "org.apache.lucene..",
                "com.github.benmanes..",
                "gill.engine.llm..",
                "gill.engine.mapper..",
                "gill.engine.decision..",
                "gill.engine.diffusion..",
                "gill.engine.retrieval.."))
        .check(WEB);
  }

  @Test
  void printingAndExiting_areTheCommandLinesAlone() {
    noClasses()
        .that(not(resideInAPackage("gill.web.cli..")))
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(System.class, "exit", int.class)
        .check(WEB);
    noClasses().should().callMethod(Thread.class, "sleep", long.class).check(WEB);
  }

  @Test
  void packages_haveNoCycles() {
    slices().matching("gill.web.(*)..").should().beFreeOfCycles().check(WEB);
  }

  @Test
  void closeables_areFinal() {
    classes()
        .that()
        .implement(AutoCloseable.class)
        .and()
        .areNotInterfaces()
        .should()
        .haveModifier(JavaModifier.FINAL)
        .check(WEB);
  }
}
