package gill.engine.dialogue;

import gill.engine.flow.CalibrationReport;
import gill.engine.flow.CalibrationReport.DecisionRow;
import gill.engine.flow.DecisionLabel;
import gill.engine.flow.Hit;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImgSpan;
import gill.engine.flow.IndexCalibration;
import gill.engine.flow.IndexCalibration.DecisionFit;
import gill.engine.flow.Logistic;
import gill.engine.flow.MatchCurve;
import gill.engine.flow.QueryKind;
import gill.engine.flow.Relevance;
import gill.engine.flow.Reliability;
import gill.engine.flow.UnitVector;
import gill.engine.retrieval.MatchFitting;
import gill.engine.retrieval.SearchBackend;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Fits relevance and decision to an index by asking it for its own captions, as a user would:
/// "show me ...". Each is asked of the whole corpus, where the right answer is to retrieve if the
/// best image shows it, and of the corpus without every image that does, where it is to generate.
public final class IndexFitting {
  /// Captions asked for through the text tower, and through the language model.
  private static final int CAPTIONS = 500;

  private static final int LOOKUPS = 250;

  /// Images that show a caption are looked for this deep.
  private static final int DEEP = 160;

  private static final int DEPTH = 10;
  private static final int LEAST = 20;

  /// A head whose odds say less than this has nothing to correct.
  private static final double LEAST_SLOPE = 0.05;

  private final Stages stages;
  private final SearchBackend corpus;
  private final Relevance bundle;
  private final Function<String, ImgSpan> lookup;
  private final Map<String, ImgSpan> spans = new HashMap<>();

  /// @param lookup a request's [IMG] tokens
  public IndexFitting(
      Stages stages, SearchBackend corpus, Relevance bundle, Function<String, ImgSpan> lookup) {
    this.stages = stages;
    this.corpus = corpus;
    this.bundle = bundle;
    this.lookup = lookup;
  }

  private static String request(String caption) {
    return "show me " + caption;
  }

  private ImgSpan span(String caption) {
    return spans.computeIfAbsent(caption, it -> lookup.apply(request(it)));
  }

  /// Every kind of query. The decision's fit is left as it is.
  public CalibrationReport relevance() {
    MatchFitting fitting =
        new MatchFitting(corpus, CAPTIONS)
            .fitClip(stages.textEncoder()::embed, bundle.models(QueryKind.TEXT))
            .fit(
                QueryKind.IMG,
                caption -> stages.retrievalHead().query(span(caption)),
                bundle.models(QueryKind.IMG),
                LOOKUPS);
    return new CalibrationReport(fitting.over(corpus.calibration()), fitting.rows(), List.of());
  }

  /// The decision, over the relevance that the corpus has now.
  ///
  /// @param feedback what users said about earlier answers
  public CalibrationReport decision(List<DecisionLabel> feedback) {
    IndexCalibration present = corpus.calibration();
    List<DecisionLabel> labels = new ArrayList<>();
    List<String> captions = new MatchFitting(corpus, LOOKUPS).captions();
    captions.forEach(caption -> labels.addAll(labels(caption)));
    for (DecisionLabel label : feedback) {
      labels.add(new DecisionLabel(present.decision().undo(label.pRetrieve()), label.retrieve()));
    }
    DecisionRow row = row(labels, present.decision());
    return new CalibrationReport(
        new IndexCalibration(present.match(), row.fit()), List.of(), List.of(row));
  }

  /// What the head says when the caption can be found, and when it cannot.
  private List<DecisionLabel> labels(String caption) {
    ImgSpan span = span(caption);
    UnitVector query = stages.retrievalHead().query(span);
    Optional<UnitVector> words = Optional.of(stages.textEncoder().embed(request(caption)));
    CorpusLook deep = look(caption, query, words, DEEP, Set.of());
    Set<ImageId> showing = new HashSet<>();
    showing.addAll(MatchFitting.showing(deep.shown().bestFirst(), caption));
    List<DecisionLabel> labels = new ArrayList<>();
    for (Set<ImageId> excluded : List.of(Set.<ImageId>of(), showing)) {
      CorpusLook look = look(caption, query, words, DEPTH * 5, excluded);
      Hits shown = look.shown();
      boolean right = !shown.isEmpty() && MatchFitting.shows(best(shown).image(), caption);
      if (!shown.isEmpty() && (excluded.isEmpty() || !right)) {
        labels.add(new DecisionLabel(stages.decider().probability(span, look.evidence()), right));
      }
    }
    return labels;
  }

  private CorpusLook look(
      String caption,
      UnitVector query,
      Optional<UnitVector> words,
      int limit,
      Set<ImageId> excluded) {
    Wish wish = new Wish(request(caption), "", false, query, words.orElse(null), null);
    return CorpusLook.of(corpus, wish, limit, excluded);
  }

  private static Hit best(Hits hits) {
    return hits.bestFirst().getFirst();
  }

  private DecisionRow row(List<DecisionLabel> labels, DecisionFit former) {
    long retrieve = labels.stream().filter(DecisionLabel::retrieve).count();
    if (retrieve < LEAST || labels.size() - retrieve < LEAST) {
      return fault(
          former,
          String.format(
              Locale.ROOT,
              "%d answers to retrieve and %d to generate, %d of each are needed",
              retrieve,
              labels.size() - retrieve,
              LEAST));
    }
    List<DecisionLabel> learnt = every(labels, 0);
    List<DecisionLabel> apart = every(labels, 1);
    Logistic half = fit(learnt);
    Logistic whole = fit(labels);
    if (Math.min(half.slopes().getFirst(), whole.slopes().getFirst()) < LEAST_SLOPE) {
      return fault(former, "the head's probability says nothing about this corpus");
    }
    DecisionFit judged = decisionFit(half, learnt.size(), 0);
    Reliability after = reliability(apart, judged);
    return new DecisionRow(
        decisionFit(whole, labels.size(), after.error()),
        reliability(apart, former),
        after,
        macroF1(apart, former),
        macroF1(apart, judged),
        "");
  }

  private static DecisionRow fault(DecisionFit former, String fault) {
    return new DecisionRow(former, Reliability.NONE, Reliability.NONE, 0, 0, fault);
  }

  /// Every second pair: both cases of a caption stay together.
  private static List<DecisionLabel> every(List<DecisionLabel> labels, int parity) {
    List<DecisionLabel> half = new ArrayList<>();
    for (int i = 0; i < labels.size(); i++) {
      if (i / 2 % 2 == parity) {
        half.add(labels.get(i));
      }
    }
    return half;
  }

  private DecisionFit decisionFit(Logistic fitted, int cases, double error) {
    return new DecisionFit(
        1 / fitted.slopes().getFirst(), fitted.bias(), cases, error, bundle.decisionModels());
  }

  private static Logistic fit(List<DecisionLabel> labels) {
    double[][] odds = new double[labels.size()][];
    boolean[] right = new boolean[labels.size()];
    double[] weight = new double[labels.size()];
    for (int i = 0; i < odds.length; i++) {
      odds[i] = new double[] {MatchCurve.logit(labels.get(i).pRetrieve())};
      right[i] = labels.get(i).retrieve();
      weight[i] = 1;
    }
    return Logistic.fit(odds, right, weight);
  }

  private static Reliability reliability(List<DecisionLabel> labels, DecisionFit fit) {
    return Reliability.of(
        labels.stream().map(label -> fit.apply(label.pRetrieve())).toList(),
        labels.stream().map(DecisionLabel::retrieve).toList());
  }

  /// The mean of both answers' F1 at one half.
  private static double macroF1(List<DecisionLabel> labels, DecisionFit fit) {
    double sum = 0;
    for (boolean answer : new boolean[] {true, false}) {
      int both = 0;
      int either = 0;
      for (DecisionLabel label : labels) {
        boolean said = fit.apply(label.pRetrieve()) >= 0.5 == answer;
        boolean is = label.retrieve() == answer;
        both += said && is ? 2 : 0;
        either += (said ? 1 : 0) + (is ? 1 : 0);
      }
      sum += either == 0 ? 0 : (double) both / either;
    }
    return sum / 2;
  }
}
