package gill.web.api;

import gill.engine.flow.Output;
import gill.engine.flow.StageTimings;
import gill.engine.flow.StopReason;
import gill.engine.flow.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Gathers the outputs of one reply into the parts of a message.
final class Transcript {
  private final List<Completion.Part> parts = new ArrayList<>();
  private final List<Views.Shown> withoutImage = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private final String corpusVersion;
  private Output.Finished finished =
      new Output.Finished(StopReason.END_OF_TURN, new Usage(0, 0, 0), new StageTimings(Map.of()));

  /// @param corpusVersion of the corpus that images are retrieved from
  Transcript(String corpusVersion) {
    this.corpusVersion = corpusVersion;
  }

  void add(Output output) {
    switch (output) {
      case Output.TextDelta(String delta) -> text.append(delta);
      case Output.Progress _ -> {}
      case Output.RetrievedImage image -> image(Views.Shown.of(image, corpusVersion));
      case Output.GeneratedImage image -> image(Views.Shown.of(image));
      case Output.NoImage none -> withoutImage.add(Views.Shown.of(none));
      case Output.Finished end -> finished = end;
    }
  }

  private void image(Views.Shown shown) {
    endText();
    Views.Image image = shown.image();
    if (image != null) {
      parts.add(Completion.Part.image(image, shown));
    }
  }

  private void endText() {
    if (!text.isEmpty()) {
      parts.add(Completion.Part.text(text.toString()));
      text.setLength(0);
    }
  }

  Output.Finished finished() {
    return finished;
  }

  /// The message: content is a string if there is no image in it.
  Completion.Message message() {
    endText();
    boolean plain = parts.stream().allMatch(part -> part.text() != null);
    StringBuilder all = new StringBuilder();
    parts.forEach(part -> all.append(part.text() == null ? "" : part.text()));
    return new Completion.Message(
        "assistant",
        plain ? all.toString() : List.copyOf(parts),
        withoutImage.isEmpty() ? null : List.copyOf(withoutImage));
  }
}
