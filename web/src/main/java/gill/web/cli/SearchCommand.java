package gill.web.cli;

import gill.engine.Engine;
import gill.engine.EngineOptions;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.SearchAnswer;
import gill.engine.flow.SearchAnswer.Explanation;
import gill.engine.flow.SearchAnswer.Found;
import gill.engine.flow.SearchRequest;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `gill search`: the corpus images that answer to texts, pictures and images of the index.
@Command(
    name = "search",
    mixinStandardHelpOptions = true,
    header = "Finds the images of the index that are nearest to texts and pictures.")
final class SearchCommand implements Callable<Integer> {
  private static final int CAPTION_WIDTH = 44;

  @Spec private CommandSpec spec;
  @Mixin private Places places;
  @Mixin private SearchOptions options;

  @Option(names = "--json", description = "Print the answer as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    SearchRequest request = request();
    try (Engine engine = Engine.open(places.bundle(), places.index(), EngineOptions.DEFAULT)) {
      SearchAnswer answer = engine.search(request);
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(json(answer));
      } else {
        print(answer, out);
      }
    }
    return 0;
  }

  private SearchRequest request() {
    try {
      return options.request();
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

  private static String json(SearchAnswer answer) {
    JsonMapper mapper = new JsonMapper();
    ObjectNode root = mapper.createObjectNode();
    ArrayNode hits = root.putArray("hits");
    for (Found hit : answer.hits()) {
      ImageRecord record = hit.image();
      ObjectNode node = hits.addObject();
      node.put("id", record.id().value());
      node.put("score", hit.score());
      node.put("p_match", hit.pMatch());
      node.put("caption", record.caption());
      node.put("source", record.source());
      node.put("author", record.author());
      node.put("licence", record.licence());
      node.put("style", record.style());
      node.put("group", record.group());
      node.put("location", record.location());
      node.put("sha256", record.sha256());
      if (!hit.alike().isEmpty()) {
        ArrayNode alike = node.putArray("alike");
        hit.alike().forEach(id -> alike.add(id.value()));
      }
      hit.explanation().ifPresent(why -> node.set("explanation", mapper.valueToTree(why)));
    }
    root.put("calibrated", answer.calibrated());
    if (!answer.facets().isEmpty()) {
      root.set("facets", mapper.valueToTree(answer.facets()));
    }
    if (!answer.next().isEmpty()) {
      root.put("next", answer.next());
    }
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root);
  }
}
