package gill.engine.eval;

import gill.engine.eval.Finders.Found;
import gill.engine.flow.ImageId;
import gill.engine.flow.Message;
import gill.engine.flow.Message.Role;
import gill.engine.flow.PromptPart;
import gill.engine.flow.PromptPart.ImagePart;
import gill.engine.flow.PromptPart.TextPart;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The last picture of a story (the paper's VIST): sentences with pictures between them, and an
/// ending that asks for one more. Pictures that were shown are not answers.
final class StoriesSuite implements Suite {
  private static final String TABLE = "Stories";
  private static final String BOTH = "words and pictures";
  private static final String WORDS = "words only";
  private static final String LAST = "last sentence only";

  /// A sentence, or the id of a picture; the other is empty.
  record Part(String text, String image) {}

  record Story(String kind, List<Part> parts, String ending, List<String> right) {}

  @Override
  public String name() {
    return "stories";
  }

  @Override
  public void measure(Subject subject, SuiteRun run) {
    List<Story> stories = run.cases(Story.class, Story::kind);
    Finders finders = new Finders(subject);
    for (int i = 0; i < stories.size(); i++) {
      Story story = stories.get(i);
      Set<ImageId> shown =
          story.parts().stream()
              .map(Part::image)
              .filter(image -> !image.isEmpty())
              .map(ImageId::new)
              .collect(Collectors.toSet());
      variants(subject, story)
          .forEach((variant, parts) -> {
            List<Message> messages = List.of(new Message(Role.USER, parts));
            score(run, subject, story, variant, finders.find(messages, shown));
          });
      run.progress(i + 1, stories.size());
    }
    for (String kind : stories.stream().map(Story::kind).distinct().toList()) {
      run.aimOver(TABLE, kind + ": " + BOTH + ", R@5", Finders.IMG, Finders.CLIP, 1);
    }
  }

  private static Map<String, List<PromptPart>> variants(Subject subject, Story story) {
    List<PromptPart> both = new ArrayList<>();
    List<PromptPart> words = new ArrayList<>();
    for (Part part : story.parts()) {
      if (part.image().isEmpty()) {
        both.add(new TextPart(part.text()));
        words.add(new TextPart(part.text()));
      } else {
        both.add(new ImagePart(subject.pixels(part.image())));
      }
    }
    TextPart ending = new TextPart(story.ending());
    both.add(ending);
    words.add(ending);
    Map<String, List<PromptPart>> variants = new LinkedHashMap<>();
    variants.put(BOTH, both);
    variants.put(WORDS, words);
    variants.put(LAST, List.of(ending));
    return variants;
  }

  private static void score(
      SuiteRun run, Subject subject, Story story, String variant, List<Found> answers) {
    Set<String> right = Set.copyOf(story.right());
    for (Found found : answers) {
      run.recalls(TABLE, story.kind() + ": " + variant, found.system(), found.images(), right);
      if (!found.images().isEmpty()) {
        subject
            .likeness(story.right().getFirst(), found.images().getFirst())
            .ifPresent(likeness ->
                run.score(
                    TABLE,
                    story.kind() + ": " + variant + ", likeness of the first",
                    found.system(),
                    likeness));
      }
    }
  }
}
