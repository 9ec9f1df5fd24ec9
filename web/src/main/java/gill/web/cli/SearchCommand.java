package gill.web.cli;

import gill.engine.Engine;
import gill.engine.EngineOptions;
import gill.engine.flow.SearchAnswer;
import gill.engine.flow.SearchAnswer.Explanation;
import gill.engine.flow.SearchAnswer.Found;
import gill.engine.flow.SearchRequest;
import gill.web.api.Answerer;
import gill.web.api.JsonAnswers;
import gill.web.api.Problem;
import gill.web.api.SearchBody;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `gill search`: the corpus images that answer to texts, pictures and images of the index.
@Command(
    name = "search",
    mixinStandardHelpOptions = true,
    header = "Finds the images of the index that are nearest to texts and pictures.")
final class SearchCommand implements Callable<Integer> {
  private static final int CAPTION_WIDTH = 44;
  private static final String REQUEST = "--request";
  private static final Set<String> BESIDE_REQUEST =
      Set.of(REQUEST, "--json", "--bundle", "--index");

  @Spec private CommandSpec spec;
  @Mixin private Places places;
  @Mixin private SearchOptions options;

  @Option(
      names = REQUEST,
      paramLabel = "FILE",
      description = {
        "What to look for and how, as a body of POST /v1/search (docs/search.md): everything the",
        "other options say and more, such as a weight for each part, vectors and nested filters.",
        "- reads standard input. Goes with none of the other options but --json and the places."
      })
  private Path body = Path.of("");

  @Option(names = "--json", description = "Print the answer as POST /v1/search gives it.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    Function<Engine, SearchRequest> request = body.toString().isEmpty() ? said() : sent();
    try (Engine engine = Engine.open(places.bundle(), places.index(), EngineOptions.DEFAULT)) {
      SearchAnswer answer = engine.search(request.apply(engine));
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(JsonAnswers.of(answer));
      } else {
        print(answer, out);
      }
    }
    return 0;
  }

  /// The request that a file or standard input holds.
  private Function<Engine, SearchRequest> sent() throws IOException {
    List<String> others =
        Stream.concat(
                spec.commandLine().getParseResult().matchedOptions().stream()
                    .map(OptionSpec::longestName)
                    .filter(name -> !BESIDE_REQUEST.contains(name)),
                spec.commandLine().getParseResult().matchedPositionals().stream()
                    .map(ArgSpec::paramLabel))
            .toList();
    if (!others.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--request says everything about the search; leave out " + String.join(", ", others));
    }
    byte[] bytes = bytes();
    return engine -> {
      try {
        return SearchBody.read(bytes, Answerer.of(engine));
      } catch (Problem e) {
        throw new CommandException("--request: " + e.getMessage(), CommandLine.ExitCode.USAGE);
      }
    };
  }

  private byte[] bytes() throws IOException {
    boolean piped = body.equals(Path.of("-"));
    if (!piped && !Files.isRegularFile(body)) {
      throw new CommandException("there is no file " + body, CommandLine.ExitCode.USAGE);
    }
    int most = SearchBody.MOST_BYTES + 1;
    if (piped) {
      return System.in.readNBytes(most);
    }
    try (InputStream in = Files.newInputStream(body)) {
      return in.readNBytes(most);
    }
  }

  private Function<Engine, SearchRequest> said() {
    try {
      SearchRequest request = options.request();
      return _ -> request;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static void print(SearchAnswer answer, PrintWriter out) {
    int ids = answer.hits().stream().mapToInt(hit -> hit.id().value().length()).max().orElse(2);
    String row = "%3s  %7s  %7s  %-" + ids + "s  %-" + CAPTION_WIDTH + "s  %s%n";
    out.printf(Locale.ROOT, row, "#", "score", "p_match", "id", "caption", "licence");
    int rank = 1;
    for (Found hit : answer.hits()) {
      out.printf(
          Locale.ROOT,
          row,
          rank++,
          String.format(Locale.ROOT, "%.4f", hit.score()),
          String.format(Locale.ROOT, "%.2f", hit.pMatch()),
          hit.id().value(),
          shortened(hit.image().caption()),
          hit.image().licence());
      if (!hit.alike().isEmpty()) {
        out.println("     alike: " + hit.alike());
      }
      hit.explanation().ifPresent(why -> out.println("     " + explained(why)));
    }
    if (!answer.calibrated() && !answer.hits().isEmpty()) {
      out.println("p_match is not fitted to this index: ./gill decision calibrate");
    }
    answer
        .facets()
        .forEach((field, values) -> {
          out.println(field + ":");
          values.forEach(it -> out.printf(Locale.ROOT, "  %7d  %s%n", it.count(), it.value()));
        });
    if (!answer.next().isEmpty()) {
      out.println("next page: --cursor " + answer.next());
    }
  }

  private static String explained(Explanation why) {
    String parts =
        why.parts().stream()
            .map(part -> String.format(Locale.ROOT, "%+.4f", part))
            .collect(Collectors.joining(" "));
    String fields =
        new TreeMap<>(why.fields())
            .entrySet().stream()
                .map(it -> String.format(Locale.ROOT, "%s %.2f", it.getKey(), it.getValue()))
                .collect(Collectors.joining(", "));
    return String.format(
        Locale.ROOT,
        "cosine %.4f = %s, z %.2f (mean %.4f, sd %.4f); words %.2f%s; ranks: vectors %s, words %s",
        why.cosine(),
        parts,
        why.z(),
        why.mean(),
        why.spread(),
        why.words(),
        fields.isEmpty() ? "" : " (" + fields + ")",
        why.vectorRank() == 0 ? "-" : Integer.toString(why.vectorRank()),
        why.wordRank() == 0 ? "-" : Integer.toString(why.wordRank()));
  }

  private static String shortened(String caption) {
    return caption.codePointCount(0, caption.length()) <= CAPTION_WIDTH
        ? caption
        : caption.substring(0, caption.offsetByCodePoints(0, CAPTION_WIDTH - 1)) + "…";
  }
}
