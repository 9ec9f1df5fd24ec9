package gill.web.cli;

import gill.engine.Engine;
import gill.engine.EngineOptions;
import gill.engine.flow.Cancellation;
import gill.engine.flow.Output;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.Turn;
import gill.web.api.JsonAnswers;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `gill ask`: one turn of a dialogue.
@Command(
    name = "ask",
    mixinStandardHelpOptions = true,
    header = "Answers a question with text and images, and saves the images.")
final class AskCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Places places;
  @Mixin private AnswerOptions options;

  @Override
  public Integer call() {
    options.turn(SamplingOptions.DEFAULT);
    PrintWriter out = spec.commandLine().getOut();
    try (Engine engine = Engine.open(places.bundle(), places.index(), EngineOptions.DEFAULT)) {
      Turn turn = options.turn(engine.defaultSampling());
      SavedImages saved = new SavedImages(engine, options.out());
      List<Output> outputs = new ArrayList<>();
      engine.reply(
          turn,
          output -> {
            outputs.add(output);
            List<String> lines = saved.save(output);
            if (!options.json()) {
              print(output, lines, out);
            }
          },
          Cancellation.NEVER);
      if (options.json()) {
        out.println(JsonAnswers.of(outputs, engine.info()));
      } else {
        out.println();
      }
    }
    return 0;
  }

  private static void print(Output output, List<String> lines, PrintWriter out) {
    if (output instanceof Output.TextDelta(String text)) {
      out.print(text);
      out.flush();
    }
    if (!lines.isEmpty()) {
      out.println();
      lines.forEach(out::println);
    }
  }
}
