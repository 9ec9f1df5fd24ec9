package gill.engine;

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
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The direction rules of docs/architecture.md, on the engine's own classes.
class ArchitectureTest {
  private static final JavaClasses ENGINE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("test-classes"))
          .importPackages("gill.engine");

  private static final List<String> STAGES =
      List.of("llm", "vision", "mapper", "decision", "diffusion", "retrieval");

  @Test
  void flow_dependsOnNothingButTheJdk() {
    check(
        classes()
            .that()
            .resideInAPackage("gill.engine.flow")
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage("java..", "gill.engine.flow", "org.jspecify..")));
  }

  @Test
  void stages_doNotKnowEachOther() {
    for (String stage : STAGES) {
      String[] others =
          STAGES.stream()
              .filter(other -> !other.equals(stage))
              .map(other -> "gill.engine." + other + "..")
              .toArray(String[]::new);
      check(
          noClasses()
              .that()
              .resideInAPackage("gill.engine." + stage + "..")
              .should()
              .dependOnClassesThat(
                  resideInAnyPackage(others).or(resideInAPackage("gill.engine.dialogue.."))));
    }
  }

  @Test
  void stages_areUsedTogetherOnlyByDialogueAndEngine() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(
                "gill.engine.flow..", "gill.engine.fault..", "gill.engine.runtime..")
            .should()
            .dependOnClassesThat(
                resideInAnyPackage(
                    STAGES.stream().map(s -> "gill.engine." + s + "..").toArray(String[]::new))));
  }

  @Test
  void nativeInference_staysInRuntime() {
    check(
        noClasses()
            .that(not(resideInAPackage("gill.engine.runtime..")))
            .should()
            .dependOnClassesThat(resideInAnyPackage("ai.djl..", "ai.onnxruntime..")));
  }

  @Test
  void lucene_staysInRetrieval() {
    check(
        noClasses()
            .that(not(resideInAPackage("gill.engine.retrieval..")))
            .should()
            .dependOnClassesThat(resideInAPackage("org.apache.lucene..")));
  }

  @Test
  void solr_staysInItsPackage() {
    check(
        noClasses()
            .that(not(resideInAPackage("gill.engine.retrieval.solr..")))
            .should()
            .dependOnClassesThat(resideInAPackage("org.apache.solr..")));
  }

  @Test
  void caffeine_staysInDialogue() {
    check(
        noClasses()
            .that(not(resideInAPackage("gill.engine.dialogue..")))
            .should()
            .dependOnClassesThat(resideInAPackage("com.github.benmanes..")));
  }

  @Test
  void jackson_staysInRuntimeAndEvaluation() {
    check(
        noClasses()
            .that(not(resideInAnyPackage("gill.engine.runtime..", "gill.engine.eval..")))
            .should()
            .dependOnClassesThat(resideInAPackage("tools.jackson..")));
  }

  @Test
  void evaluation_isUsedByNothingInTheEngine() {
    check(
        noClasses()
            .that(not(resideInAPackage("gill.engine.eval..")))
            .should()
            .dependOnClassesThat(resideInAPackage("gill.engine.eval..")));
  }

  @Test
  void packages_haveNoCycles() {
    check(slices().matching("gill.engine.(*)..").should().beFreeOfCycles());
  }

  @Test
  void names_sayWhatAThingIs() {
    check(
        noClasses()
            .should()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Impl")
            .orShould()
            .haveSimpleNameStartingWith("Abstract")
            .orShould()
            .haveSimpleNameStartingWith("Base"));
  }

  @Test
  void closeables_areFinal() {
    check(
        classes().that().implement(AutoCloseable.class).and().areNotInterfaces().should(beFinal()));
  }

  @Test
  void fields_areNeverOptional() {
    check(noFields().should().haveRawType(Optional.class));
  }

  @Test
  void engine_neverPrintsExitsOrSleeps() {
    check(
        noClasses()
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Thread.class, "sleep", long.class));
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(ENGINE);
  }

  private static ArchCondition<com.tngtech.archunit.core.domain.JavaClass> beFinal() {
    return new ArchCondition<>("be final") {
      @Override
      public void check(com.tngtech.archunit.core.domain.JavaClass item, ConditionEvents events) {
        boolean ok = item.getModifiers().contains(JavaModifier.FINAL);
        events.add(
            new SimpleConditionEvent(
                item, ok, item.getName() + (ok ? " is final" : " is not final")));
      }
    };
  }
}
