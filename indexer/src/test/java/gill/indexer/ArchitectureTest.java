package gill.indexer;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The direction rules of docs/architecture.md, on the indexer's own classes.
class ArchitectureTest {
  private static final JavaClasses INDEXER =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("gill.indexer");

  private static final List<String> STAGES = List.of("read", "decode", "embed", "report", "write");

  @Test
  void indexer_knowsNothingOfTheWeb() {
    noClasses().should().dependOnClassesThat(resideInAPackage("gill.web..")).check(INDEXER);
  }

  @Test
  void engine_isUsedByItsStagesNotAsAWhole() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "gill.engine",
                "gill.engine.dialogue..",
                "gill.engine.llm..",
                "gill.engine.decision..",
                "gill.engine.diffusion.."))
        .check(INDEXER);
  }

  @Test
  void flow_dependsOnTheFlowOfTheEngineAlone() {
    classes()
        .that()
        .resideInAPackage("gill.indexer.flow")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage("java..", "gill.indexer.flow", "gill.engine.flow", "org.jspecify.."))
        .check(INDEXER);
  }

  @Test
  void stages_doNotKnowEachOtherNorTheJob() {
    for (String stage : STAGES) {
      String[] others =
          STAGES.stream()
              .filter(other -> !other.equals(stage))
              .map(other -> "gill.indexer." + other + "..")
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage("gill.indexer." + stage + "..")
          .should()
          .dependOnClassesThat(resideInAnyPackage(others).or(resideInAPackage("gill.indexer")))
          .allowEmptyShould(true)
          .check(INDEXER);
    }
  }

  @Test
  void http_staysInFetch_whichKnowsNothingOfSources() {
    noClasses()
        .that(not(resideInAPackage("gill.indexer.fetch..")))
        .should()
        .dependOnClassesThat(resideInAnyPackage("org.apache.hc..", "crawlercommons.."))
        .check(INDEXER);
    noClasses()
        .that(resideInAPackage("gill.indexer.fetch.."))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("gill.indexer.read..", "gill.indexer.decode..", "gill.indexer"))
        .check(INDEXER);
  }

  @Test
  void jackson_staysInReadAndExport() {
    noClasses()
        .that(not(resideInAnyPackage("gill.indexer.read..", "gill.indexer.export..")))
        .should()
        .dependOnClassesThat(resideInAPackage("tools.jackson.."))
        .check(INDEXER);
  }

  @Test
  void models_searchAndCaches_stayInTheEngine() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "ai.djl..",
                "ai.onnxruntime..",
                "org.apache.lucene..",
                "io.javalin..",
                "com.github.benmanes.."))
        .check(INDEXER);
  }

  @Test
  void spark_staysInItsPackage_whichNobodyHereUses() {
    noClasses()
        .that(not(resideInAPackage("gill.indexer.spark..")))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("org.apache.spark..", "scala..", "gill.indexer.spark.."))
        .check(INDEXER);
  }

  @Test
  void packages_haveNoCycles() {
    slices().matching("gill.indexer.(*)..").should().beFreeOfCycles().check(INDEXER);
  }

  @Test
  void names_sayWhatAThingIs() {
    noClasses()
        .should()
        .haveNameMatching(".*(Manager|Helper|Utils?|Impl)|.*\\.(Abstract|Base)[A-Z][^.]*")
        .check(INDEXER);
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
        .check(INDEXER);
  }

  @Test
  void fields_areNeverOptional() {
    noFields().should().haveRawType(Optional.class).check(INDEXER);
  }

  @Test
  void indexer_neverPrintsExitsOrSleeps() {
    noClasses()
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .check(INDEXER);
  }
}
