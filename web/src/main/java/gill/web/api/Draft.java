package gill.web.api;

import gill.engine.flow.ImageId;
import gill.engine.flow.Message;
import gill.engine.flow.Message.Role;
import gill.engine.flow.PromptPart;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A message as it was sent: its images are still references, so that nothing is decoded before the
/// request is admitted and a kept conversation stays small.
record Draft(Role role, List<Part> parts) {
  /// A piece of a message, in order.
  sealed interface Part {
    record Text(String text) implements Part {}

    record Image(ImageRefs.Ref ref) implements Part {}
  }

  Draft {
    parts = List.copyOf(parts);
  }

  /// The message with its pictures decoded.
  Message message(ImageRefs images) {
    return new Message(
        role,
        parts.stream()
            .<PromptPart>map(part ->
                switch (part) {
                  case Part.Text(String text) -> new PromptPart.TextPart(text);
                  case Part.Image(ImageRefs.Ref ref) ->
                      new PromptPart.ImagePart(images.pixels(ref));
                })
            .toList());
  }

  int characters() {
    int sum = 0;
    for (Part part : parts) {
      sum += part instanceof Part.Text(String text) ? text.length() : 0;
    }
    return sum;
  }

  int images() {
    return (int) parts.stream().filter(Part.Image.class::isInstance).count();
  }

  /// Bytes of memory, roughly.
  long weight() {
    long sum = 64;
    for (Part part : parts) {
      sum +=
          switch (part) {
            case Part.Text(String text) -> 2L * text.length();
            case Part.Image(ImageRefs.Ref.Upload(byte[] bytes, _)) -> bytes.length;
            case Part.Image _ -> 128;
          };
    }
    return sum;
  }

  /// The corpus images that a conversation has shown.
  static Set<ImageId> shown(List<Draft> drafts) {
    Set<ImageId> shown = new HashSet<>();
    for (Draft draft : drafts) {
      for (Draft.Part part : draft.parts()) {
        if (draft.role() == Role.ASSISTANT
            && part instanceof Draft.Part.Image(ImageRefs.Ref.Corpus(ImageId id, _))) {
          shown.add(id);
        }
      }
    }
    return shown;
  }
}
