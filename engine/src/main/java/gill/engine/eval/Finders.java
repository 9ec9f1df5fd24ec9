package gill.engine.eval;

import gill.engine.dialogue.CorpusLook;
import gill.engine.flow.Filter;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.Message;
import gill.engine.flow.Pixels;
import gill.engine.flow.PromptPart;
import gill.engine.flow.PromptPart.ImagePart;
import gill.engine.flow.PromptPart.TextPart;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The systems that look for the image a conversation asks for: the [IMG] query, and baselines that
/// do without the language model.
final class Finders {
  static final String IMG = "GILL query";
  static final String SHOWN = "GILL + CLIP + words (as shown)";
  static final String CLIP = "CLIP on all of it";
  static final String WORDS = "BM25 on all of it";
  static final List<String> SYSTEMS = List.of(IMG, SHOWN, CLIP, WORDS);

  private final Subject subject;

  Finders(Subject subject) {
    this.subject = subject;
  }

  /// @param images ids, best first
  record Found(String system, List<String> images) {}

  /// @param excluded images that the conversation has shown
  List<Found> find(List<Message> messages, Set<ImageId> excluded) {
    CorpusLook look = subject.dialogue().look(Drawing.turn(messages, excluded)).corpus();
    String all = words(messages);
    List<Found> found = new ArrayList<>();
    found.add(new Found(IMG, Subject.ids(look.img())));
    found.add(new Found(SHOWN, Subject.ids(look.shown())));
    found.add(
        new Found(CLIP, Subject.ids(search(VectorField.CLIP, mean(messages, all), excluded))));
    found.add(
        new Found(
            WORDS,
            all.isBlank()
                ? List.of()
                : subject.corpus().searchText(all, Subject.DEPTH, excluded).stream()
                    .map(hit -> hit.image().id().value())
                    .toList()));
    return found;
  }

  private Hits search(VectorField field, UnitVector vector, Set<ImageId> excluded) {
    return subject.nearest(field, vector, excluded, Filter.ALL);
  }

  /// The text tower on all words, and the image tower on all pictures, added up.
  private UnitVector mean(List<Message> messages, String words) {
    List<UnitVector> vectors = new ArrayList<>();
    if (!words.isBlank()) {
      vectors.add(subject.embed(words));
    }
    for (Message message : messages) {
      for (PromptPart part : message.parts()) {
        if (part instanceof ImagePart(Pixels pixels)) {
          vectors.add(subject.embed(pixels));
        }
      }
    }
    float[] sum = new float[vectors.getFirst().dimension()];
    for (UnitVector vector : vectors) {
      float[] values = vector.toArray();
      for (int i = 0; i < sum.length; i++) {
        sum[i] += values[i];
      }
    }
    return UnitVector.normalise(sum);
  }

  /// All words, a line a message.
  static String words(List<Message> messages) {
    StringBuilder all = new StringBuilder();
    for (Message message : messages) {
      for (PromptPart part : message.parts()) {
        if (part instanceof TextPart(String text)) {
          all.append(all.isEmpty() ? "" : "\n").append(text.strip());
        }
      }
    }
    return all.toString();
  }
}
