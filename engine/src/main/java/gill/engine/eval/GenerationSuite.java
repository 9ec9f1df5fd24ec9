package gill.engine.eval;

import gill.engine.eval.Judge.Sight;
import gill.engine.eval.Verdict.Wanted;
import gill.engine.flow.Pixels;
import gill.engine.flow.PromptPart;
import gill.engine.flow.PromptPart.TextPart;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is drawn (the paper's PartiPrompts and COCO): things, colours, numbers, relations and
/// grounds, in combinations that were trained on or not, and things that only the corpus knows.
final class GenerationSuite implements Suite {
  static final String GILL = "GILL path";
  private static final String TABLE = "Generation";
  private static final String ALONE = "GILL path, no references";
  private static final String OWN = "own text encoder";
  private static final String NEAREST = "nearest corpus image";
  private static final String COMPOSED = "composed drawing (ceiling)";
  private static final String LONG = "in long words";
  private static final String DISTANCE = "Distance to corpus drawings (KID)";
  private static final int SHEET_ROWS = 5;

  /// @param prompt what is asked
  /// @param caption the same in the shortest words
  /// @param probe what [Wanted#probe] is checked
  /// @param composed file of a picture that shows what is wanted, made of drawings; empty = none
  /// @param references images of the things in the index
  record Prompt(
      String kind,
      String prompt,
      String caption,
      String probe,
      List<String> things,
      String value,
      String composed,
      List<String> references) {}

  @Override
  public String name() {
    return "generation";
  }

  @Override
  public void measure(Subject subject, SuiteRun run) {
    Optional<Judge> judge = subject.judge();
    if (judge.isEmpty()) {
      run.block("Not measured: there is no judge of pictures beside the cases.");
      return;
    }
    List<Prompt> prompts = run.cases(Prompt.class, Prompt::kind);
    Measuring measuring = new Measuring(subject, run, judge.get());
    for (int i = 0; i < prompts.size(); i++) {
      measuring.add(prompts.get(i), run.seed() + i);
      run.progress(i + 1, prompts.size());
    }
    measuring.distances();
    measuring.sheets();
    aims(run);
  }

  private static void aims(SuiteRun run) {
    Map<String, Double> aims = new LinkedHashMap<>();
    aims.put("colour, unseen: " + Verdict.OBJECT, 0.8);
    aims.put("relation, unseen: " + Verdict.OBJECT, 0.8);
    aims.put("colour, unseen: colour", 0.85);
    aims.put("relation, unseen: relation", 0.6);
    aims.put("count, unseen: count", 0.6);
    aims.put("thing never trained on: " + Verdict.OBJECT, 0.6);
    aims.forEach((row, bound) -> run.aim(TABLE, row, GILL, Aim.atLeast(bound)));
    run.aimOver(TABLE, LONG + ": " + Verdict.OBJECT, GILL, OWN, 1);
    run.aimLess("All short prompts", Verdict.OBJECT, GILL, OWN, 0.05);
  }

  /// Collects pictures and what the judge sees in them.
  private static final class Measuring {
    private final Subject subject;
    private final SuiteRun run;
    private final Judge judge;
    private final Drawing drawing;
    private final Map<String, ContactSheet> sheets = new LinkedHashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private final Map<String, List<float[]>> features = new LinkedHashMap<>();
    private final Map<String, float[]> corpus = new LinkedHashMap<>();

    Measuring(Subject subject, SuiteRun run, Judge judge) {
      this.subject = subject;
      this.run = run;
      this.judge = judge;
      this.drawing = new Drawing(subject);
    }

    void add(Prompt prompt, long seed) {
      Map<String, Pixels> pictures = pictures(prompt, seed);
      Wanted wanted = new Wanted(prompt.probe(), prompt.things(), prompt.value());
      List<Sight> references =
          prompt.references().stream().flatMap(id -> subject.sight(id).stream()).toList();
      pictures.forEach((column, picture) -> score(prompt, column, picture, wanted, references));
      sheet(prompt, pictures);
      if (prompt.probe().equals("single") && !prompt.kind().equals(LONG)) {
        for (int i = 0; i < prompt.references().size(); i++) {
          corpus.put(prompt.references().get(i), references.get(i).features());
        }
      }
    }

    private Map<String, Pixels> pictures(Prompt prompt, long seed) {
      List<PromptPart> parts = List.of(new TextPart(prompt.prompt()));
      Map<String, Pixels> pictures = new LinkedHashMap<>();
      drawing.byGill(parts, seed).ifPresent(it -> pictures.put(GILL, it));
      drawing.byGillAlone(parts, seed).ifPresent(it -> pictures.put(ALONE, it));
      drawing.byTextEncoder(prompt.prompt(), seed).ifPresent(it -> pictures.put(OWN, it));
      drawing.nearest(parts).ifPresent(id -> pictures.put(NEAREST, subject.pixels(id)));
      if (!prompt.composed().isEmpty()) {
        pictures.put(COMPOSED, Subject.read(run.data().resolve(prompt.composed())));
      }
      return pictures;
    }

    private void score(
        Prompt prompt, String column, Pixels picture, Wanted wanted, List<Sight> references) {
      Verdict verdict = Verdict.of(picture, wanted, judge);
      verdict
          .shares()
          .forEach((property, share) ->
              run.score(TABLE, prompt.kind() + ": " + property, column, share));
      if (!prompt.kind().equals(LONG)) {
        run.score(
            "All short prompts",
            Verdict.OBJECT,
            column,
            verdict.shares().getOrDefault(Verdict.OBJECT, 0.0));
      }
      Sight sight = judge.look(picture);
      references.stream()
          .mapToDouble(sight::likeness)
          .max()
          .ifPresent(likeness ->
              run.score(TABLE, prompt.kind() + ": likeness to corpus drawings", column, likeness));
      if (prompt.probe().equals("single") && !prompt.kind().equals(LONG)) {
        features.computeIfAbsent(column, _ -> new ArrayList<>()).add(scaled(sight.features()));
      }
    }

    /// Features of variance 1, as the kernel expects.
    private static float[] scaled(float[] unit) {
      float[] values = unit.clone();
      float scale = (float) Math.sqrt(values.length);
      for (int i = 0; i < values.length; i++) {
        values[i] *= scale;
      }
      return values;
    }

    private void sheet(Prompt prompt, Map<String, Pixels> pictures) {
      if (counts.merge(prompt.kind(), 1, Integer::sum) > SHEET_ROWS) {
        return;
      }
      List<String> columns = List.of(GILL, ALONE, OWN, NEAREST, COMPOSED);
      sheets
          .computeIfAbsent("generation.png", _ -> new ContactSheet(columns))
          .add(
              prompt.caption(), columns.stream().map(column -> one(pictures.get(column))).toList());
    }

    private static List<Pixels> one(@org.jspecify.annotations.Nullable Pixels picture) {
      return picture == null ? List.of() : List.of(picture);
    }

    void distances() {
      List<float[]> drawings = corpus.values().stream().map(Measuring::scaled).toList();
      features.forEach((column, set) ->
          run.measure(
              DISTANCE,
              "things alone",
              column,
              KernelDistance.interval(set, drawings, run.seed())));
    }

    void sheets() {
      sheets.forEach((name, sheet) -> {
        Path file = run.picture(name);
        sheet.write(file);
        run.block("![contact sheet](%s)%n%n%s".formatted(name, sheet.legend()));
      });
    }
  }
}
