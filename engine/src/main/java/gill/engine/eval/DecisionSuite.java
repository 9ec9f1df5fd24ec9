package gill.engine.eval;

import gill.engine.eval.Judge.Sight;
import gill.engine.flow.Decision;
import gill.engine.flow.Decision.Choice;
import gill.engine.flow.Hit;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageMode;
import gill.engine.flow.LookupResult;
import gill.engine.flow.Pixels;
import gill.engine.flow.PromptPart;
import gill.engine.flow.PromptPart.TextPart;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.VectorField;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Corpus or new picture (paper §3.4): requests whose better answer follows from the corpus, and
/// borderline ones, where the answer nearer to an image of the thing is the better one.
final class DecisionSuite implements Suite {
  private static final String TABLE = "Decision";
  private static final String HEAD = "decision head";
  private static final String BASELINE = "CLIP p_match alone";
  private static final String BORDERLINE = "borderline";
  private static final String LABELS = "partiprompts";

  /// @param answer `retrieve` or `generate`; empty where it must be found out
  /// @param right ids that answer it, where the answer is `retrieve`
  /// @param without ids that must not be shown
  /// @param truth id of an image of the thing, for a borderline request
  record Request(
      String kind,
      String text,
      String answer,
      List<String> right,
      List<String> without,
      String truth) {}

  /// @param retrieve whether the corpus has the better answer
  private record Answered(
      Request request, Decision decision, double baseline, boolean retrieve, boolean shownRight) {}

  @Override
  public String name() {
    return "decision";
  }

  @Override
  public void measure(Subject subject, SuiteRun run) {
    List<Request> requests = run.cases(Request.class, Request::kind);
    List<Answered> clean = new ArrayList<>();
    List<Answered> borderline = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      Request request = requests.get(i);
      answer(subject, request, run.seed() + i)
          .ifPresent(it -> (request.kind().equals(BORDERLINE) ? borderline : clean).add(it));
      run.progress(i + 1, requests.size());
    }
    double threshold = subject.manifest().gill().decisionThreshold();
    report(run, "clean cases", clean, threshold);
    report(run, "borderline cases", borderline, threshold);
    report(run, "PartiPrompts labels (reference)", labelled(subject, run), threshold);
    kinds(run, clean, threshold);
    saved(run, clean, borderline);
    run.aim(TABLE, "clean cases: macro-F1", HEAD, Aim.atLeast(0.9));
    run.aim(TABLE, "clean cases: calibration error", HEAD, Aim.atMost(0.05));
  }

  /// People's choice between pictures of another corpus and another generator.
  private static List<Answered> labelled(Subject subject, SuiteRun run) {
    List<Answered> answered = new ArrayList<>();
    if (Files.isRegularFile(run.allCases().file(LABELS))) {
      for (Request request : run.allCases().read(LABELS, Request.class, Request::kind)) {
        answer(subject, request, run.seed()).ifPresent(answered::add);
      }
    }
    return answered;
  }

  private static Optional<Answered> answer(Subject subject, Request request, long seed) {
    List<PromptPart> parts = List.of(new TextPart(request.text()));
    Set<ImageId> without = request.without().stream().map(ImageId::new).collect(Collectors.toSet());
    Drawing drawing = new Drawing(subject);
    LookupResult result = drawing.decide(Drawing.turn(parts, without, ImageMode.AUTO, seed));
    double cosine =
        subject
            .corpus()
            .search(new RetrievalQuery(VectorField.CLIP, subject.embed(request.text()), 1, without))
            .bestFirst()
            .stream()
            .mapToDouble(Hit::score)
            .findFirst()
            .orElse(-1);
    double baseline = subject.manifest().clip().calibration().probability(cosine);
    Optional<String> first = result.candidates().stream().map(hit -> hit.id().value()).findFirst();
    boolean shownRight = first.filter(request.right()::contains).isPresent();
    Optional<Boolean> retrieve =
        request.kind().equals(BORDERLINE)
            ? nearer(subject, request, first, drawing.byGill(parts, seed))
            : Optional.of(request.answer().equals("retrieve"));
    return retrieve.map(it -> new Answered(request, result.decision(), baseline, it, shownRight));
  }

  /// Whether the corpus image is nearer to the truth than the generated one; empty without a judge.
  private static Optional<Boolean> nearer(
      Subject subject, Request request, Optional<String> first, Optional<Pixels> generated) {
    if (first.isEmpty() || generated.isEmpty()) {
      return Optional.empty();
    }
    Optional<Sight> truth = subject.sight(request.truth());
    return truth.flatMap(sight ->
        subject
            .judge()
            .map(judge ->
                subject.likeness(request.truth(), first.get()).orElse(0.0)
                    >= sight.likeness(judge.look(generated.get()))));
  }

  private static void report(SuiteRun run, String name, List<Answered> answered, double threshold) {
    if (answered.isEmpty()) {
      return;
    }
    boolean[] truths = new boolean[answered.size()];
    double[] head = new double[answered.size()];
    double[] baseline = new double[answered.size()];
    for (int i = 0; i < truths.length; i++) {
      truths[i] = answered.get(i).retrieve();
      head[i] = answered.get(i).decision().pRetrieve();
      baseline[i] = answered.get(i).baseline();
    }
    Classification ofHead = new Classification(head, truths, threshold);
    report(run, name, HEAD, ofHead);
    report(run, name, BASELINE, new Classification(baseline, truths, 0.5));
    double[] always = new double[truths.length];
    report(run, name, "always generate", new Classification(always, truths, 0.5));
    if (name.startsWith("PartiPrompts")) {
      return;
    }
    int[] all = IntStream.range(0, truths.length).toArray();
    run.block(confusion(name, ofHead.confusion(all)));
    String file = "decision-" + name.replace(' ', '-') + ".svg";
    ReliabilityPlot.write(ofHead.bins(all), run.picture(file));
    run.block("![reliability](" + file + ")");
  }

  private static void report(SuiteRun run, String name, String column, Classification answers) {
    int n = answers.truths().length;
    run.measure(TABLE, name + ": macro-F1", column, Interval.of(n, answers::macroF1, run.seed()));
    run.measure(
        TABLE,
        name + ": calibration error",
        column,
        Interval.of(n, answers::calibrationError, run.seed()));
  }

  private static String confusion(String name, int[][] counts) {
    return """
    | %s, decision head | said corpus | said new picture |
    |---|---|---|
    | corpus is right | %d | %d |
    | new picture is right | %d | %d |
    """
        .formatted(name, counts[1][1], counts[1][0], counts[0][1], counts[0][0]);
  }

  private static void kinds(SuiteRun run, List<Answered> answered, double threshold) {
    for (Answered it : answered) {
      boolean said = it.decision().pRetrieve() >= threshold;
      String table = "Decision by kind";
      String row = it.request().kind();
      run.score(table, row + ": right", HEAD, said == it.retrieve() ? 1 : 0);
      run.score(table, row + ": right", BASELINE, it.baseline() >= 0.5 == it.retrieve() ? 1 : 0);
      if (it.retrieve()) {
        run.score(table, row + ": the image shown is right", HEAD, it.shownRight() ? 1 : 0);
      }
      run.score(
          table, row + ": says either", HEAD, it.decision().choice() == Choice.EITHER ? 1 : 0);
    }
  }

  /// The original code draws for every request.
  private static void saved(SuiteRun run, List<Answered> clean, List<Answered> borderline) {
    for (List<Answered> some : List.of(clean, borderline)) {
      for (Answered it : some) {
        run.score(
            TABLE,
            "share of requests answered without drawing",
            HEAD,
            it.decision().choice() == Choice.GENERATE ? 0 : 1);
      }
    }
  }
}
