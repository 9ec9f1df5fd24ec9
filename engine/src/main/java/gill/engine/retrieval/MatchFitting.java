package gill.engine.retrieval;

import gill.engine.flow.CalibrationReport.MatchRow;
import gill.engine.flow.ContentWords;
import gill.engine.flow.Hit;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.IndexCalibration;
import gill.engine.flow.IndexCalibration.MatchFit;
import gill.engine.flow.Logistic;
import gill.engine.flow.MatchCurve;
import gill.engine.flow.MatchScale;
import gill.engine.flow.QueryKind;
import gill.engine.flow.Reliability;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/// Fits the curves of `p_match` to an index by asking it for its own captions: of the whole index,
/// and with every image left out that shows what is asked (docs/model-bundle-format.md, Relevance).
public final class MatchFitting {
  /// A fit needs so many right and so many wrong hits.
  private static final int LEAST = 20;

  private static final int DEPTH = 10;
  private static final int FIRST_LIMIT = 40;
  private static final int LAST_LIMIT = 2560;

  private final CorpusView corpus;
  private final List<ImageRecord> asked;
  private final Map<QueryKind, MatchFit> fits = new EnumMap<>(QueryKind.class);
  private final List<MatchRow> rows = new ArrayList<>();

  /// A hit of a query.
  ///
  /// @param query number of the query
  private record Case(int query, double[] evidence, boolean right, boolean best) {
    double weight() {
      return best ? 1 : 1.0 / (DEPTH - 1);
    }
  }

  /// @param queries captions to ask for, at most
  public MatchFitting(CorpusView corpus, int queries) {
    this.corpus = corpus;
    this.asked = asked(corpus, queries);
  }

  /// Images with different captions, in the order of their ids' hashes.
  private static List<ImageRecord> asked(CorpusView corpus, int queries) {
    Map<String, ImageRecord> captions = new LinkedHashMap<>();
    for (ImageRecord image : corpus.sample(4 * queries)) {
      String caption = image.caption().strip().toLowerCase(Locale.ROOT);
      if (!caption.isEmpty()) {
        captions.putIfAbsent(caption, image);
      }
    }
    return captions.values().stream().limit(queries).toList();
  }

  /// The captions that are asked for.
  public List<String> captions() {
    return asked.stream().map(ImageRecord::caption).toList();
  }

  /// Fits one of the kinds whose query is made of a caption alone.
  ///
  /// @param models names what makes the queries
  public MatchFitting fit(
      QueryKind kind, Function<String, UnitVector> encoder, String models, int queries) {
    List<UnitVector> vectors = new ArrayList<>();
    for (ImageRecord image : asked.subList(0, Math.min(queries, asked.size()))) {
      vectors.add(encoder.apply(image.caption()));
    }
    return fit(kind, vectors, models);
  }

  /// Fits queries of text, of an image, and of both.
  ///
  /// @param text CLIP's text tower
  /// @param models names the text tower
  public MatchFitting fitClip(Function<String, UnitVector> text, String models) {
    List<UnitVector> texts = new ArrayList<>();
    List<UnitVector> images = new ArrayList<>();
    List<UnitVector> both = new ArrayList<>();
    Map<ImageId, UnitVector> stored =
        corpus.vectors(VectorField.CLIP, asked.stream().map(ImageRecord::id).toList());
    for (ImageRecord image : asked) {
      UnitVector words = text.apply(image.caption());
      UnitVector picture = Objects.requireNonNull(stored.get(image.id()));
      texts.add(words);
      images.add(picture);
      both.add(between(words, picture));
    }
    return fit(QueryKind.TEXT, texts, models)
        .fit(QueryKind.IMAGE, images, "")
        .fit(QueryKind.COMPOSED, both, models);
  }

  private static UnitVector between(UnitVector one, UnitVector other) {
    float[] sum = one.toArray();
    float[] more = other.toArray();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += more[i];
    }
    double length = 0;
    for (float value : sum) {
      length += value * (double) value;
    }
    return length < 1e-6 ? one : UnitVector.normalise(sum);
  }

  /// What was fitted so far, in place of what `former` has of the same kinds.
  public IndexCalibration over(IndexCalibration former) {
    Map<QueryKind, MatchFit> all = new EnumMap<>(QueryKind.class);
    all.putAll(former.match());
    rows.forEach(row -> all.remove(row.kind()));
    all.putAll(fits);
    return new IndexCalibration(all, former.decision());
  }

  public List<MatchRow> rows() {
    return List.copyOf(rows);
  }

  private MatchFitting fit(QueryKind kind, List<UnitVector> queries, String models) {
    List<Case> cases = new ArrayList<>();
    boolean pictured = kind == QueryKind.IMAGE || kind == QueryKind.COMPOSED;
    for (int i = 0; i < queries.size(); i++) {
      ImageRecord image = asked.get(i);
      ask(
          i,
          kind,
          queries.get(i),
          image.caption(),
          pictured ? Set.of(image.id()) : Set.of(),
          cases);
    }
    long right = cases.stream().filter(Case::right).count();
    long wrong = cases.size() - right;
    Reliability before = Reliability.NONE;
    Reliability after = Reliability.NONE;
    String fault = "";
    if (right < LEAST || wrong < LEAST) {
      fault =
          String.format(
              Locale.ROOT,
              "%d captions gave %d right and %d wrong hits, %d of each are needed",
              queries.size(),
              right,
              wrong,
              LEAST);
    } else {
      MatchCurve former =
          queries.isEmpty() ? MatchCurve.DEFAULT : corpus.scale(kind, queries.getFirst()).curve();
      MatchCurve even = curve(cases, query -> query % 2 == 0);
      MatchCurve odd = curve(cases, query -> query % 2 == 1);
      before = judged(cases, _ -> former);
      after = judged(cases, query -> query % 2 == 0 ? odd : even);
      fits.put(kind, new MatchFit(curve(cases, _ -> true), queries.size(), after.error(), models));
    }
    rows.add(new MatchRow(kind, queries.size(), before, after, fault));
    return this;
  }

  /// The best hits.
  ///
  /// @param curves by the number of the query: one that was not fitted to it
  private static Reliability judged(List<Case> cases, IntFunction<MatchCurve> curves) {
    List<Double> said = new ArrayList<>();
    List<Boolean> right = new ArrayList<>();
    for (Case it : cases) {
      if (it.best()) {
        MatchCurve curve = curves.apply(it.query());
        said.add(curve.probability(it.evidence()[0], it.evidence()[1], it.evidence()[2]));
        right.add(it.right());
      }
    }
    return Reliability.of(said, right);
  }

  private static MatchCurve curve(List<Case> all, IntPredicate wanted) {
    List<Case> cases = all.stream().filter(it -> wanted.test(it.query())).toList();
    boolean[] right = new boolean[cases.size()];
    for (int i = 0; i < right.length; i++) {
      right[i] = cases.get(i).right();
    }
    Logistic fitted =
        Logistic.fit(
            cases.stream().map(Case::evidence).toArray(double[][]::new),
            right,
            cases.stream().mapToDouble(Case::weight).toArray());
    return new MatchCurve(
        fitted.slopes().get(0), fitted.slopes().get(1), fitted.slopes().get(2), fitted.bias());
  }

  private void ask(
      int number,
      QueryKind kind,
      UnitVector query,
      String caption,
      Set<ImageId> own,
      List<Case> cases) {
    MatchScale scale = corpus.scale(kind, query);
    List<Hit> hits = List.of();
    List<Boolean> right = List.of();
    for (int limit = FIRST_LIMIT; limit <= LAST_LIMIT; limit *= 4) {
      hits = corpus.search(new RetrievalQuery(kind, query, limit, own)).bestFirst();
      right = hits.stream().map(hit -> shows(hit.image(), caption)).toList();
      if (hits.size() < limit || right.stream().filter(it -> !it).count() >= DEPTH) {
        break;
      }
    }
    for (int i = 0; i < Math.min(DEPTH, hits.size()); i++) {
      cases.add(evidence(number, scale, hits.get(i), right.get(i), i == 0));
    }
    int taken = 0;
    for (int i = 0; i < hits.size() && taken < DEPTH; i++) {
      if (!right.get(i)) {
        cases.add(evidence(number, scale, hits.get(i), false, taken == 0));
        taken++;
      }
    }
  }

  private static Case evidence(int number, MatchScale scale, Hit hit, boolean right, boolean best) {
    double cosine = hit.score();
    return new Case(number, new double[] {cosine, scale.mean(), scale.z(cosine)}, right, best);
  }

  /// Whether an image shows what a caption says, as far as its texts tell: they hold all content
  /// words; of a caption without any, the captions are equal.
  public static boolean shows(ImageRecord image, String caption) {
    return ContentWords.of(caption).isEmpty()
        ? image.caption().strip().equalsIgnoreCase(caption.strip())
        : ContentWords.shareFound(caption, image) == 1;
  }

  /// The images among a search's first that show what a caption says.
  public static Set<ImageId> showing(List<Hit> hits, String caption) {
    Set<ImageId> ids = new HashSet<>();
    for (Hit hit : hits) {
      if (shows(hit.image(), caption)) {
        ids.add(hit.id());
      }
    }
    return ids;
  }
}
