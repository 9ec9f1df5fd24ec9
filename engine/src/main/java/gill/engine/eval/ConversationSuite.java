package gill.engine.eval;

import gill.engine.flow.Cancellation;
import gill.engine.flow.Filter;
import gill.engine.flow.GenerationOptions;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageMode;
import gill.engine.flow.Message;
import gill.engine.flow.Message.Role;
import gill.engine.flow.Output;
import gill.engine.flow.PromptPart;
import gill.engine.flow.PromptPart.ImagePart;
import gill.engine.flow.PromptPart.TextPart;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.Turn;
import gill.engine.flow.VectorField;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Talking: a picture comes when one is asked for and not otherwise, and the replies are words.
final class ConversationSuite implements Suite {
  private static final String TABLE = "Conversation";
  private static final String GILL = "GILL";
  private static final String RULE = "rule: words for pictures";
  private static final String TRANSCRIPT = "transcript";

  /// What must never be seen in a reply.
  private static final Pattern LEAK = Pattern.compile("\\[IMG|<\\|im_");

  /// A baseline without a model: words that people use when they want to see something.
  private static final Pattern WISH =
      Pattern.compile(
          "\\b(show|draw|picture|image|photo|paint|see|look at|find|illustrate|display|sketch)\\b");

  private static final Pattern BAR = Pattern.compile("\\|");
  private static final String NAMED = "an uploaded picture is named rightly";
  private static final int MOST_WORDS = 64;

  /// @param picture whether this turn wants one
  /// @param image id of an image that comes with the words; empty = none
  record Said(String text, boolean picture, String image) {}

  /// @param thing what the talk is about, other names after a bar; empty = nothing in particular
  /// @param right ids of images of the thing
  record Talk(String kind, List<Said> turns, String thing, List<String> right) {}

  /// What came back for one turn.
  private record Reply(String text, List<String> pictures, List<Boolean> right) {}

  @Override
  public String name() {
    return "conversation";
  }

  @Override
  public void measure(Subject subject, SuiteRun run) {
    List<Talk> talks = run.cases(Talk.class, Talk::kind);
    StringBuilder transcripts = new StringBuilder();
    int number = 0;
    for (int i = 0; i < talks.size(); i++) {
      Talk talk = talks.get(i);
      String text = play(subject, run, talk, run.seed() + i);
      if (talk.kind().equals(TRANSCRIPT)) {
        number++;
        transcripts.append("%n## %d. %s%n%n".formatted(number, talk.thing())).append(text);
      }
      run.progress(i + 1, talks.size());
    }
    write(run, transcripts.toString());
    run.aim(TABLE, "a picture comes when asked for", GILL, Aim.atLeast(0.98));
    run.aim(TABLE, "a picture comes when not asked for", GILL, Aim.atMost(0.05));
    run.aim(TABLE, NAMED, GILL, Aim.atLeast(0.7));
    run.aim(TABLE, "replies with leaked marks", GILL, Aim.atMost(0));
  }

  private static String play(Subject subject, SuiteRun run, Talk talk, long seed) {
    List<Message> history = new ArrayList<>();
    Set<ImageId> shown = new HashSet<>();
    StringBuilder transcript = new StringBuilder();
    for (Said said : talk.turns()) {
      Reply reply = reply(subject, talk, history, shown, said, seed);
      if (said.image().isEmpty()) {
        score(run, talk, said, reply);
      } else {
        named(subject, run, talk, said, reply);
      }
      history.add(Message.user(said.text()));
      history.add(
          new Message(
              Role.ASSISTANT,
              List.of(new TextPart(reply.text().isBlank() ? "Here." : reply.text()))));
      transcript
          .append("* **")
          .append(said.text())
          .append("** → ")
          .append(reply.text().strip().replaceAll("\\s+", " "))
          .append(reply.pictures().isEmpty() ? "" : " *" + reply.pictures() + "*")
          .append('\n');
    }
    return transcript.toString();
  }

  private static Reply reply(
      Subject subject, Talk talk, List<Message> history, Set<ImageId> shown, Said said, long seed) {
    SamplingOptions usual = subject.manifest().languageModel().sampling();
    Turn turn =
        new Turn(
            history,
            parts(subject, said),
            shown,
            ImageMode.AUTO,
            new SamplingOptions(
                usual.temperature(),
                usual.topP(),
                usual.repetitionPenalty(),
                Math.min(usual.maxTokens(), MOST_WORDS),
                usual.imgBias(),
                usual.maxImages(),
                seed),
            GenerationOptions.DEFAULT.withSeed(seed),
            4);
    StringBuilder text = new StringBuilder();
    List<String> pictures = new ArrayList<>();
    List<Boolean> right = new ArrayList<>();
    subject
        .dialogue()
        .reply(
            turn,
            output -> {
              switch (output) {
                case Output.TextDelta(String delta) -> text.append(delta);
                case Output.RetrievedImage image -> {
                  pictures.add(
                      String.format(
                          Locale.ROOT,
                          "corpus: %s (%s)",
                          image.hit().image().caption(),
                          image.hit().id()));
                  right.add(talk.right().contains(image.hit().id().value()));
                  shown.add(image.hit().id());
                }
                case Output.GeneratedImage image ->
                    pictures.add(
                        String.format(
                            Locale.ROOT,
                            "new picture, confidence %.2f",
                            image.picture().confidence()));
                case Output.NoImage none -> pictures.add("no image: " + none.reason());
                case Output.Progress _, Output.Finished _ -> {}
              }
            },
            Cancellation.NEVER);
    return new Reply(text.toString(), pictures, right);
  }

  private static void score(SuiteRun run, Talk talk, Said said, Reply reply) {
    String row =
        said.picture() ? "a picture comes when asked for" : "a picture comes when not asked for";
    double came = reply.pictures().isEmpty() ? 0 : 1;
    run.score(TABLE, row, GILL, came);
    boolean wish = WISH.matcher(said.text().toLowerCase(Locale.ROOT)).find();
    run.score(TABLE, row, RULE, wish ? 1 : 0);
    if (!talk.kind().equals(TRANSCRIPT)) {
      run.score(TABLE, talk.kind() + ": a picture comes", GILL, came);
    }
    run.score(TABLE, "replies with leaked marks", GILL, LEAK.matcher(reply.text()).find() ? 1 : 0);
    run.score(
        TABLE, "empty replies", GILL, reply.text().isBlank() && reply.pictures().isEmpty() ? 1 : 0);
    for (boolean right : reply.right()) {
      run.score(TABLE, "a corpus image that comes shows the thing", GILL, right ? 1 : 0);
    }
    if (!talk.thing().isEmpty() && !reply.text().isBlank()) {
      run.score(TABLE, "the reply names the thing", GILL, names(reply.text(), talk.thing()));
    }
  }

  /// 1 if the last word of one of the names occurs, its last letter aside, so that plurals count.
  private static double names(String reply, String things) {
    String said = reply.toLowerCase(Locale.ROOT);
    for (String thing : BAR.split(things, -1)) {
      String last = thing.substring(thing.lastIndexOf(' ') + 1).toLowerCase(Locale.ROOT);
      if (said.contains(
          last.substring(0, Math.max(Math.min(3, last.length()), last.length() - 1)))) {
        return 1;
      }
    }
    return 0;
  }

  /// A picture is uploaded and its name asked for; beside it, what the nearest other image shows.
  private static void named(Subject subject, SuiteRun run, Talk talk, Said said, Reply reply) {
    run.score(TABLE, NAMED, GILL, names(reply.text(), talk.thing()));
    Hits nearest =
        subject.nearest(
            VectorField.CLIP,
            subject.embed(subject.pixels(said.image())),
            Set.of(new ImageId(said.image())),
            Filter.ALL);
    run.score(
        TABLE,
        NAMED,
        "CLIP, nearest other image",
        Ranks.recallAt(1, Subject.ids(nearest), talk.right()));
  }

  private static List<PromptPart> parts(Subject subject, Said said) {
    TextPart words = new TextPart(said.text());
    return said.image().isEmpty()
        ? List.of(words)
        : List.of(new ImagePart(subject.pixels(said.image())), words);
  }

  private static void write(SuiteRun run, String transcripts) {
    Path file = run.picture("transcripts.md");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, transcripts);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the transcripts", e);
    }
  }
}
