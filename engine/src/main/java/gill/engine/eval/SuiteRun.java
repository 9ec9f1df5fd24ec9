package gill.engine.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// One run of one suite: hands out its cases, collects its figures. For one thread.
final class SuiteRun {
  private final String suite;
  private final EvalOptions options;
  private final Cases cases;
  private final Progress progress;

  /// By first mention, as the tables show them.
  private final Set<Place> order = new LinkedHashSet<>();

  private final Map<Place, List<Double>> scores = new LinkedHashMap<>();
  private final Map<Place, Interval> made = new LinkedHashMap<>();
  private final Map<Place, Aim> aims = new LinkedHashMap<>();
  private final List<String> blocks = new ArrayList<>();
  private final List<String> pictures = new ArrayList<>();

  private record Place(String table, String row, String column) {}

  SuiteRun(String suite, EvalOptions options, Progress progress) {
    this.suite = suite;
    this.options = options;
    this.cases = new Cases(options.data(), options.limits().of(suite));
    this.progress = progress;
  }

  /// The folder of the cases.
  Path data() {
    return options.data();
  }

  long seed() {
    return options.seed();
  }

  /// The suite's cases, of each kind at most as many as wanted.
  <T> List<T> cases(Class<T> type, Function<T, String> kind) {
    return cases.read(suite, type, kind);
  }

  Cases allCases() {
    return cases;
  }

  void progress(int done, int of) {
    progress.at(suite, done, of);
  }

  /// One case's number for a figure that is their mean.
  void score(String table, String row, String column, double value) {
    order.add(new Place(table, row, column));
    scores.computeIfAbsent(new Place(table, row, column), _ -> new ArrayList<>()).add(value);
  }

  /// A finished figure.
  void measure(String table, String row, String column, Interval figure) {
    order.add(new Place(table, row, column));
    made.put(new Place(table, row, column), figure);
  }

  /// One case's R@1, R@5 and R@10, each a row.
  ///
  /// @param hits ids, best first
  void recalls(String table, String row, String column, List<String> hits, Set<String> right) {
    for (int k : new int[] {1, 5, 10}) {
      score(table, row + ", R@" + k, column, Ranks.recallAt(k, hits, right));
    }
  }

  /// The numbers so far of a figure that is their mean.
  double[] scores(String table, String row, String column) {
    return scores.getOrDefault(new Place(table, row, column), List.of()).stream()
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  /// Wants a column to be at least a share of another.
  void aimOver(String table, String row, String column, String other, double share) {
    double[] values = scores(table, row, other);
    if (values.length > 0) {
      aim(table, row, column, Aim.atLeast(share * Arrays.stream(values).average().orElse(0)));
    }
  }

  /// Wants a column to be at most so much below another.
  void aimLess(String table, String row, String column, String other, double less) {
    double[] values = scores(table, row, other);
    if (values.length > 0) {
      aim(table, row, column, Aim.atLeast(Arrays.stream(values).average().orElse(0) - less));
    }
  }

  void aim(String table, String row, String column, Aim aim) {
    aims.put(new Place(table, row, column), aim);
  }

  /// Markdown that is no table of figures.
  void block(String markdown) {
    blocks.add(markdown);
  }

  /// Where to write a picture of this name.
  Path picture(String name) {
    pictures.add(name);
    return options.out().resolve(name);
  }

  SuiteResult result(String key, double seconds) {
    List<Measure> measures = new ArrayList<>();
    for (Place place : order) {
      Interval figure = made.get(place);
      if (figure == null) {
        figure = Interval.ofMean(scores(place.table(), place.row(), place.column()), seed());
      }
      measures.add(measure(place, figure));
    }
    return new SuiteResult(suite, key, measures, blocks, pictures, seconds);
  }

  private Measure measure(Place place, Interval figure) {
    return new Measure(
        place.table(), place.row(), place.column(), figure, aims.getOrDefault(place, Aim.NONE));
  }
}
