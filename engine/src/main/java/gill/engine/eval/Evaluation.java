package gill.engine.eval;

import gill.engine.runtime.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Runs suites in a fixed order, each once: a result that lies in the output folder and was made of
/// the same bundle, index, cases, limit and seed is taken over.
public final class Evaluation {
  private static final List<Supplier<Suite>> SUITES =
      List.of(
          RetrievalSuite::new,
          DialogueSuite::new,
          StoriesSuite::new,
          CompositionSuite::new,
          GenerationSuite::new,
          DecisionSuite::new,
          ConversationSuite::new,
          AblationsSuite::new);

  private final Subject subject;
  private final EvalOptions options;

  public Evaluation(Subject subject, EvalOptions options) {
    this.subject = subject;
    this.options = options;
  }

  /// The names of all suites, in the order they run.
  public static List<String> suites() {
    return SUITES.stream().map(suite -> suite.get().name()).toList();
  }

  /// Runs the named suites; none named = all. Throws [IllegalArgumentException] naming an unknown
  /// one, here or among the limits, [UncheckedIOException] if cases or results cannot be read or
  /// written.
  public List<SuiteResult> run(Set<String> names, Progress progress) {
    requireKnown(names);
    requireKnown(options.limits().bySuite().keySet());
    List<SuiteResult> results = new ArrayList<>();
    for (Supplier<Suite> maker : SUITES) {
      Suite suite = maker.get();
      if (names.isEmpty() || names.contains(suite.name())) {
        results.add(result(suite, progress));
      }
    }
    return results;
  }

  private static void requireKnown(Set<String> names) {
    List<String> known = suites();
    for (String name : names) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "no suite is called '" + name + "'; there are " + String.join(", ", known));
      }
    }
  }

  /// Forgets the results in the output folder, e.g. after a change of code, which they do not
  /// depend on.
  public void restart() {
    for (String suite : suites()) {
      try {
        Files.deleteIfExists(file(suite));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot delete " + file(suite), e);
      }
    }
  }

  private Path file(String suite) {
    return options.out().resolve(suite + ".json");
  }

  private SuiteResult result(Suite suite, Progress progress) {
    String key = key(suite);
    Path file = file(suite.name());
    return ResultFile.read(file)
        .filter(before -> before.key().equals(key))
        .orElseGet(() -> {
          SuiteRun run = new SuiteRun(suite.name(), options, progress);
          long begin = System.nanoTime();
          suite.measure(subject, run);
          SuiteResult result = run.result(key, (System.nanoTime() - begin) / 1e9);
          ResultFile.write(result, file);
          return result;
        });
  }

  private String key(Suite suite) {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("bundle", subject.contents());
    parts.put("index", subject.corpus().state());
    parts.put("cases", contents(options.data()));
    parts.put("limit", Integer.toString(options.limits().of(suite.name())));
    parts.put("seed", Long.toString(options.seed()));
    parts.put("more", suite.more(subject));
    return Sha256.of(parts.toString());
  }

  /// Names and digests of the cases and probes.
  private static String contents(Path folder) {
    try (Stream<Path> files = Files.walk(folder, 2)) {
      StringBuilder lines = new StringBuilder();
      for (Path file :
          files
              .filter(Files::isRegularFile)
              .filter(it -> !it.toString().endsWith(".bin"))
              .sorted(Comparator.comparing(Path::toString))
              .toList()) {
        lines.append(folder.relativize(file)).append(' ').append(Sha256.of(file)).append('\n');
      }
      return Sha256.of(lines.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read the evaluation's cases in "
              + folder
              + "; write them with: python -m gill_training eval-data",
          e);
    }
  }
}
