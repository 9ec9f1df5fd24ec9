package gill.engine.eval;

import gill.engine.eval.Finders.Found;
import gill.engine.flow.Message;
import gill.engine.flow.Message.Role;
import gill.engine.flow.PromptPart.TextPart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Finding a hidden image from questions and answers about it (the paper's VisDial): the more was
/// said, the better the image should be. Two of the ten rounds are beside the point.
final class DialogueSuite implements Suite {
  private static final String TABLE = "Dialogue";
  private static final int[] ROUNDS = {1, 2, 5, 10};
  private static final String LAST_TURN = "last turn only";
  private static final String BEGIN = "I have a certain image in my head. Find out which.";
  private static final String END = " So which image is it? Show it to me.";

  record Round(String question, String answer) {}

  /// @param image id of the hidden image
  /// @param right ids of the images of its concept
  record Hidden(String kind, String image, List<String> right, List<Round> rounds) {}

  @Override
  public String name() {
    return "dialogue";
  }

  @Override
  public void measure(Subject subject, SuiteRun run) {
    List<Hidden> cases = run.cases(Hidden.class, Hidden::kind);
    Finders finders = new Finders(subject);
    for (int i = 0; i < cases.size(); i++) {
      Hidden hidden = cases.get(i);
      for (int rounds : lengths(hidden)) {
        score(
            run,
            subject,
            hidden,
            rounds + (rounds == 1 ? " round" : " rounds"),
            answers(finders, hidden, rounds));
      }
      List<Message> last = List.of(Message.user(hidden.rounds().getLast().answer() + END));
      score(run, subject, hidden, LAST_TURN, finders.find(last, Set.of()));
      run.progress(i + 1, cases.size());
    }
    ratio(run);
  }

  /// The lengths that the dialogue has.
  private static int[] lengths(Hidden hidden) {
    return Arrays.stream(ROUNDS).filter(rounds -> rounds <= hidden.rounds().size()).toArray();
  }

  private static List<Found> answers(Finders finders, Hidden hidden, int rounds) {
    List<Message> messages = new ArrayList<>();
    String said = BEGIN;
    for (Round round : hidden.rounds().subList(0, rounds)) {
      messages.add(Message.user(said));
      messages.add(new Message(Role.ASSISTANT, List.of(new TextPart(round.question()))));
      said = round.answer();
    }
    messages.add(Message.user(said + END));
    return finders.find(messages, Set.of());
  }

  private static void score(
      SuiteRun run, Subject subject, Hidden hidden, String length, List<Found> answers) {
    Set<String> right = Set.copyOf(hidden.right());
    for (Found found : answers) {
      run.recalls(TABLE, hidden.kind() + ", " + length, found.system(), found.images(), right);
      if (!found.images().isEmpty()) {
        subject
            .likeness(hidden.image(), found.images().getFirst())
            .ifPresent(likeness ->
                run.score(
                    TABLE,
                    hidden.kind() + ", " + length + ", likeness of the first",
                    found.system(),
                    likeness));
      }
      run.score(
          "Dialogue, both kinds",
          length + ", R@5",
          found.system(),
          Ranks.recallAt(5, found.images(), right));
    }
  }

  private static double ratio(double one, double other) {
    if (other == 0) {
      return one == 0 ? Double.NaN : Double.POSITIVE_INFINITY;
    }
    return one / other;
  }

  /// R@5 with all rounds over R@5 with the last turn only.
  private static void ratio(SuiteRun run) {
    String table = "Dialogue, both kinds";
    String row = "10 rounds over last turn, R@5";
    for (String system : Finders.SYSTEMS) {
      double[] all = run.scores(table, "10 rounds, R@5", system);
      double[] last = run.scores(table, LAST_TURN + ", R@5", system);
      run.measure(
          table,
          row,
          system,
          Interval.of(
              all.length,
              picks -> ratio(Interval.mean(all, picks), Interval.mean(last, picks)),
              run.seed()));
    }
    run.aim(table, row, Finders.IMG, Aim.atLeast(1.3));
    run.aimOver(table, "10 rounds, R@5", Finders.IMG, Finders.CLIP, 1);
  }
}
