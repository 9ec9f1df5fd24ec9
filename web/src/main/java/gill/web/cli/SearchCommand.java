package gill.web.cli;

import gill.engine.Engine;
import gill.engine.EngineOptions;
import gill.engine.flow.Hit;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.Pixels;
import gill.engine.vision.ImageLimits;
import gill.engine.vision.ImageReader;
import gill.engine.vision.ReadResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `gill search`: the corpus images nearest to a text or a picture.
@Command(
    name = "search",
    mixinStandardHelpOptions = true,
    header = "Finds the images of the index that are nearest to a text or a picture.")
final class SearchCommand implements Callable<Integer> {
  private static final int CAPTION_WIDTH = 44;

  @Spec private CommandSpec spec;
  @Mixin private Places places;

  @Parameters(arity = "0..*", paramLabel = "TEXT", description = "What to look for.")
  private List<String> words = List.of();

  @Option(names = "--image", paramLabel = "FILE", description = "Look for what resembles this.")
  private Path image = Path.of("");

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "10",
      description = "Images wanted, 1 to 10000 (default: 10).")
  private int limit;

  @Option(names = "--json", description = "Print the hits as a JSON array.")
  private boolean json;

  @Override
  public Integer call() {
    String text = String.join(" ", words).strip();
    boolean byImage = !image.toString().isEmpty();
    if (text.isEmpty() != byImage) {
      throw new ParameterException(spec.commandLine(), "Give a TEXT or an --image, one of them.");
    }
    if (limit < 1 || limit > 10_000) {
      throw new ParameterException(
          spec.commandLine(), "--limit must be in [1, 10000], got " + limit);
    }
    try (Engine engine = Engine.open(places.bundle(), places.index(), EngineOptions.DEFAULT)) {
      Hits hits =
          byImage
              ? engine.search(picture(image), limit, Set.of())
              : engine.search(text, limit, Set.of());
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(json(hits));
      } else {
        print(hits, out);
      }
    }
    return 0;
  }

  private static Pixels picture(Path file) {
    try {
      if (!Files.exists(file)) {
        throw new CommandException("there is no file " + file);
      }
      return switch (ImageReader.read(file, ImageLimits.DEFAULT)) {
        case ReadResult.Decoded(Pixels pixels, _) -> pixels;
        case ReadResult.Rejected rejected ->
            throw new CommandException(file + ": " + rejected.message());
      };
    } catch (IOException e) {
      throw new CommandException("cannot read " + file + ": " + e.getMessage());
    }
  }

  private static void print(Hits hits, PrintWriter out) {
    int ids = hits.bestFirst().stream().mapToInt(hit -> hit.id().value().length()).max().orElse(2);
    String row = "%3s  %6s  %-" + ids + "s  %-" + CAPTION_WIDTH + "s  %s%n";
    out.printf(Locale.ROOT, row, "#", "cosine", "id", "caption", "licence");
    int rank = 1;
    for (Hit hit : hits.bestFirst()) {
      out.printf(
          Locale.ROOT,
          row,
          rank++,
          String.format(Locale.ROOT, "%.4f", hit.score()),
          hit.id().value(),
          shortened(hit.image().caption()),
          hit.image().licence());
    }
  }

  private static String shortened(String caption) {
    return caption.codePointCount(0, caption.length()) <= CAPTION_WIDTH
        ? caption
        : caption.substring(0, caption.offsetByCodePoints(0, CAPTION_WIDTH - 1)) + "…";
  }

  private static String json(Hits hits) {
    JsonMapper mapper = new JsonMapper();
    ArrayNode array = mapper.createArrayNode();
    for (Hit hit : hits.bestFirst()) {
      ImageRecord record = hit.image();
      ObjectNode node = array.addObject();
      node.put("id", record.id().value());
      node.put("score", hit.score());
      node.put("caption", record.caption());
      node.put("source", record.source());
      node.put("author", record.author());
      node.put("licence", record.licence());
      node.put("style", record.style());
      node.put("group", record.group());
      node.put("location", record.location());
      node.put("sha256", record.sha256());
    }
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(array);
  }
}
