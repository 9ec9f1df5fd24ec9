package gill.web.cli;

import gill.engine.Engine;
import gill.engine.EngineOptions;
import gill.engine.flow.Cancellation;
import gill.engine.flow.Hit;
import gill.engine.flow.LookupResult;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.Turn;
import gill.web.api.JsonAnswers;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `gill lookup`: one image for a prompt.
@Command(
    name = "lookup",
    mixinStandardHelpOptions = true,
    header = "Answers a prompt with one image: from the corpus if it is there, else drawn.")
final class LookupCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Places places;
  @Mixin private AnswerOptions options;

  @Override
  public Integer call() {
    options.turn(SamplingOptions.DEFAULT);
    PrintWriter out = spec.commandLine().getOut();
    try (Engine engine = Engine.open(places.bundle(), places.index(), EngineOptions.DEFAULT)) {
      Turn turn = options.turn(engine.defaultSampling());
      LookupResult result = engine.lookup(turn, _ -> {}, Cancellation.NEVER);
      List<String> lines = new SavedImages(engine, options.out()).save(result.image());
      if (options.json()) {
        out.println(JsonAnswers.of(result, engine.info()));
      } else {
        lines.forEach(out::println);
        out.println("candidates (score, p_match):");
        for (Hit hit : result.candidates()) {
          out.printf(
              Locale.ROOT,
              "  %.3f  %.2f  %s  %s%n",
              hit.score(),
              hit.pMatch(),
              hit.id().value(),
              hit.image().caption());
        }
      }
    }
    return 0;
  }
}
