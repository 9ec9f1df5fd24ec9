package gill.web.cli;

import gill.engine.flow.Effort;
import gill.engine.flow.Filter;
import gill.engine.flow.ImageId;
import gill.engine.flow.Message;
import gill.engine.flow.Pixels;
import gill.engine.flow.QueryPart;
import gill.engine.flow.Ranking;
import gill.engine.flow.SearchRequest;
import gill.engine.flow.SearchRequest.Detail;
import gill.engine.flow.SearchRequest.Page;
import gill.engine.flow.SearchRequest.Variety;
import gill.engine.flow.SortKey;
import gill.engine.flow.SortKey.Direction;
import gill.engine.vision.ImageLimits;
import gill.engine.vision.ImageReader;
import gill.engine.vision.ReadResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What `gill search` looks for, as [SearchRequest] has it.
final class SearchOptions {
  private static final Pattern CONDITION =
      Pattern.compile("([A-Za-z0-9_.-]+)(!=|>=|<=|=)(.+)", Pattern.DOTALL);

  private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]*\\.?[0-9]+");

  private enum Rank {
    VECTORS,
    WORDS,
    RRF,
    WEIGHTED
  }

  @Parameters(arity = "0..*", paramLabel = "TEXT", description = "What to look for.")
  private List<String> words = List.of();

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description = "Look for what resembles this picture; may be given again.")
  private List<Path> images = List.of();

  @Option(
      names = "--like",
      paramLabel = "ID",
      description = "Look for what resembles this image of the index; may be given again.")
  private List<String> like = List.of();

  @Option(
      names = "--ask",
      paramLabel = "TEXT",
      description = "Look for what this asks to see, as the language model understands it.")
  private String ask = "";

  @Option(
      names = "--not",
      paramLabel = "TEXT",
      description = "Keep away from this; may be given again.")
  private List<String> not = List.of();

  @Option(
      names = "--unlike",
      paramLabel = "ID",
      description = "Keep away from this image of the index; may be given again.")
  private List<String> unlike = List.of();

  @Option(
      names = "--away",
      paramLabel = "WEIGHT",
      defaultValue = "0.5",
      description = "How strongly --not and --unlike push away, beside 1 (default: 0.5).")
  private double away;

  @Option(
      names = "--rank",
      paramLabel = "HOW",
      description =
          "vectors, words, rrf (both ranks) or weighted (both scores). Default: weighted for texts,"
              + " else vectors.")
  private @Nullable Rank rank;

  @Option(
      names = "--language",
      paramLabel = "TAG",
      description = "Language of the words, such as de (default: any).")
  private String language = "";

  @Option(
      names = "--sort",
      paramLabel = "FIELD[:desc]",
      description = "Order by this field instead of the score; may be given again.")
  private List<String> sort = List.of();

  @Option(
      names = "--where",
      paramLabel = "CONDITION",
      description = {
        "Only images of which this holds: FIELD=VALUE, FIELD!=VALUE, FIELD>=VALUE, FIELD<=VALUE, the"
            + " latter two by number or, where VALUE is none (a date: 2024-05-01), as texts;",
        "VALUE|VALUE for either. Given again, all must hold. Fields: see docs/search.md."
      })
  private List<String> where = List.of();

  @Option(
      names = "--exclude",
      paramLabel = "ID",
      description = "Leave this image out; may be given again.")
  private List<String> excluded = List.of();

  @Option(
      names = "--facet",
      paramLabel = "FIELD",
      description = "Count the values of this field; may be given again.")
  private List<String> facets = List.of();

  @Option(
      names = "--diversity",
      paramLabel = "X",
      defaultValue = "0",
      description = "0 (by score alone) to 0.99 (as unlike each other as can be).")
  private double diversity;

  @Option(
      names = "--collapse",
      paramLabel = "COSINE",
      defaultValue = "" + Variety.NEVER_SAME,
      description = "List images this near to a better one under that one: 0.5 to 1.")
  private double collapse;

  @Option(
      names = "--min-p-match",
      paramLabel = "P",
      defaultValue = "0",
      description = "Leave out what is less likely than this to fit, 0 to 1 (default: 0).")
  private double minPMatch;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "10",
      description = "Images wanted, 1 to 10000 (default: 10).")
  private int limit;

  @Option(
      names = "--cursor",
      paramLabel = "C",
      description = "The next page, as printed below one.")
  private String cursor = "";

  @Option(
      names = "--ef",
      paramLabel = "N",
      defaultValue = "0",
      description = "Candidates that the graph of vectors collects, 1 to 10000 (0: as usual).")
  private int ef;

  @Option(
      names = "--oversample",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Candidates an image wanted that are compared at full precision, 1 to 100 (0: as the"
              + " index's vector format needs).")
  private int oversample;

  @Option(names = "--explain", description = "Say what made each score.")
  private boolean explain;

  /// Throws [IllegalArgumentException] saying which option is wrong.
  SearchRequest request() {
    List<QueryPart> parts = new ArrayList<>();
    String text = String.join(" ", words).strip();
    if (!text.isEmpty()) {
      parts.add(new QueryPart.Words(text, 1));
    }
    images.forEach(file -> parts.add(new QueryPart.Picture(picture(file), 1)));
    like.forEach(id -> parts.add(new QueryPart.Stored(new ImageId(id), 1)));
    if (!ask.isBlank()) {
      parts.add(new QueryPart.Asked(List.of(Message.user(ask)), 1));
    }
    if (parts.isEmpty()) {
      throw new IllegalArgumentException(
          "Give a TEXT, an --image, a --like or an --ask to look for.");
    }
    not.forEach(each -> parts.add(new QueryPart.Words(each, -away)));
    unlike.forEach(id -> parts.add(new QueryPart.Stored(new ImageId(id), -away)));
    int window = Page.first(limit).window();
    return new SearchRequest(
        parts,
        rank == null ? Ranking.usual(parts) : ranking(rank),
        language,
        new Filter.And(where.stream().map(SearchOptions::condition).toList()),
        excluded.stream().map(ImageId::new).collect(Collectors.toSet()),
        new Variety(diversity, collapse),
        sort.stream().map(SearchOptions::sortKey).toList(),
        new Page(limit, window, cursor, minPMatch),
        facets,
        explain ? Detail.EXPLAINED : Detail.PLAIN,
        new Effort(ef, oversample));
  }

  private static Ranking ranking(Rank rank) {
    return switch (rank) {
      case VECTORS -> Ranking.VECTORS;
      case WORDS -> new Ranking.Words();
      case RRF -> new Ranking.ReciprocalRanks(1, 1, 60);
      case WEIGHTED -> Ranking.HYBRID;
    };
  }

  private static SortKey sortKey(String text) {
    boolean descending = text.endsWith(":desc");
    String field =
        descending || text.endsWith(":asc") ? text.substring(0, text.lastIndexOf(':')) : text;
    return new SortKey(field, descending ? Direction.DESC : Direction.ASC);
  }

  private static Filter condition(String text) {
    Matcher matcher = CONDITION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "--where needs FIELD=VALUE, FIELD!=VALUE, FIELD>=VALUE or FIELD<=VALUE, got " + text);
    }
    String field = matcher.group(1);
    String value = matcher.group(3);
    return switch (matcher.group(2)) {
      case ">=" ->
          NUMBER.matcher(value).matches()
              ? new Filter.Between(field, Double.parseDouble(value), Double.POSITIVE_INFINITY)
              : new Filter.TextBetween(field, value, "");
      case "<=" ->
          NUMBER.matcher(value).matches()
              ? new Filter.Between(field, Double.NEGATIVE_INFINITY, Double.parseDouble(value))
              : new Filter.TextBetween(field, "", value);
      case "!=" -> new Filter.Not(either(field, value));
      default -> either(field, value);
    };
  }

  private static Filter either(String field, String values) {
    return new Filter.In(field, List.of(values.split("\\|", -1)));
  }

  /// Throws [CommandException] if it cannot be read.
  static Pixels picture(Path file) {
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
}
