package gill.engine.eval;

import static gill.engine.flow.VectorField.CLIP;

import gill.engine.eval.Verdict.Wanted;
import gill.engine.flow.Filter;
import gill.engine.flow.ImageId;
import gill.engine.flow.Message;
import gill.engine.flow.Message.Role;
import gill.engine.flow.Pixels;
import gill.engine.flow.PromptPart;
import gill.engine.flow.PromptPart.ImagePart;
import gill.engine.flow.PromptPart.TextPart;
import gill.engine.flow.QueryPart;
import gill.engine.flow.SearchRequest;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// An image and words that change it (the paper's interleaved prompts): the same in another style,
/// which the corpus has, or in another colour, number or company, which must be drawn.
final class CompositionSuite implements Suite {
  private static final String FOUND = "Image + words, answer in the corpus";
  private static final String DRAWN = "Image + words, answer to be drawn";
  private static final String TOLD = "own text encoder, told what it is";
  private static final int SHEET_ROWS = 8;

  /// @param right ids of the answers in the corpus; empty = it must be drawn
  /// @param caption what to draw, in words that do without the image
  record Change(
      String kind,
      String image,
      String text,
      List<String> right,
      String caption,
      String probe,
      List<String> things,
      String value) {}

  @Override
  public String name() {
    return "composition";
  }

  @Override
  public void measure(Subject subject, SuiteRun run) {
    List<Change> changes = run.cases(Change.class, Change::kind);
    ContactSheet sheet =
        new ContactSheet(List.of("the image", GenerationSuite.GILL, TOLD, "nearest corpus image"));
    Map<String, Integer> shown = new LinkedHashMap<>();
    for (int i = 0; i < changes.size(); i++) {
      Change change = changes.get(i);
      if (change.right().isEmpty()) {
        boolean onSheet = shown.merge(change.kind(), 1, Integer::sum) <= SHEET_ROWS;
        draw(subject, run, change, run.seed() + i, onSheet ? List.of(sheet) : List.of());
      } else {
        find(subject, run, change);
      }
      run.progress(i + 1, changes.size());
    }
    if (!sheet.isEmpty()) {
      sheet.write(run.picture("composition.png"));
      run.block("![contact sheet](composition.png)\n\n" + sheet.legend());
    }
  }

  private static void find(Subject subject, SuiteRun run, Change change) {
    ImageId image = new ImageId(change.image());
    Map<String, List<String>> answers = new LinkedHashMap<>();
    answers.put(
        "GILL query",
        nearest(
            subject,
            VectorField.GILL,
            subject.query(List.of(new Message(Role.USER, parts(subject, change)))),
            image));
    answers.put(
        "CLIP image + words",
        subject
            .search()
            .search(
                new SearchRequest(
                    List.of(new QueryPart.Stored(image, 1), new QueryPart.Words(change.text(), 1)),
                    Subject.DEPTH),
                subject.encoders())
            .hits()
            .stream()
            .map(hit -> hit.id().value())
            .toList());
    answers.put(
        "CLIP image", nearest(subject, CLIP, subject.embed(subject.pixels(change.image())), image));
    answers.put("CLIP words", nearest(subject, CLIP, subject.embed(change.text()), image));
    Set<String> right = Set.copyOf(change.right());
    answers.forEach((system, hits) -> run.recalls(FOUND, change.kind(), system, hits, right));
  }

  private static List<String> nearest(
      Subject subject, VectorField field, UnitVector vector, ImageId without) {
    return Subject.ids(subject.nearest(field, vector, Set.of(without), Filter.ALL));
  }

  private static List<PromptPart> parts(Subject subject, Change change) {
    return List.of(new ImagePart(subject.pixels(change.image())), new TextPart(change.text()));
  }

  private static void draw(
      Subject subject, SuiteRun run, Change change, long seed, List<ContactSheet> sheets) {
    Optional<Judge> judge = subject.judge();
    if (judge.isEmpty()) {
      return;
    }
    Drawing drawing = new Drawing(subject);
    List<PromptPart> parts = parts(subject, change);
    Optional<Pixels> byGill = drawing.byGill(parts, seed);
    Optional<Pixels> told = drawing.byTextEncoder(change.caption(), seed);
    Optional<Pixels> nearest = drawing.nearest(parts).map(subject::pixels);
    Wanted wanted = new Wanted(change.probe(), change.things(), change.value());
    score(run, change, GenerationSuite.GILL, byGill, wanted, judge.get());
    score(run, change, TOLD, told, wanted, judge.get());
    score(run, change, "nearest corpus image", nearest, wanted, judge.get());
    for (ContactSheet sheet : sheets) {
      List<List<Pixels>> row = new ArrayList<>();
      row.add(List.of(subject.pixels(change.image())));
      for (Optional<Pixels> picture : List.of(byGill, told, nearest)) {
        row.add(picture.stream().toList());
      }
      sheet.add(change.caption(), row);
    }
  }

  private static void score(
      SuiteRun run,
      Change change,
      String column,
      Optional<Pixels> picture,
      Wanted wanted,
      Judge judge) {
    picture.ifPresent(it ->
        Verdict.of(it, wanted, judge)
            .shares()
            .forEach((property, share) ->
                run.score(DRAWN, change.kind() + ": " + property, column, share)));
  }
}
