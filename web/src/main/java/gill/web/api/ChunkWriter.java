package gill.web.api;

import gill.engine.EngineInfo;
import gill.engine.flow.Output;
import gill.engine.flow.Pixels;
import gill.web.sse.EventLog;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Writes a reply as `chat.completion.chunk` events: text as `delta.content`, an image as
/// `delta.images`, progress as the comment `: progress {…}`, at the end `data: [DONE]`.
final class ChunkWriter {
  private final EventLog events;
  private final String id;
  private final long created;
  private final String model;
  private final String corpusVersion;
  private final JsonMapper json;
  private boolean begun;

  ChunkWriter(EventLog events, String id, long created, EngineInfo info, JsonMapper json) {
    this.events = events;
    this.id = id;
    this.created = created;
    this.model = info.bundle();
    this.corpusVersion = info.corpusVersion();
    this.json = json;
  }

  void write(Output output) {
    switch (output) {
      case Output.TextDelta(String text) -> {
        if (!text.isEmpty()) {
          delta(Completion.Delta.text(text));
        }
      }
      case Output.Progress progress -> progress(progress);
      case Output.RetrievedImage image -> image(Views.Shown.of(image, corpusVersion));
      case Output.GeneratedImage image -> image(Views.Shown.of(image));
      case Output.NoImage none -> delta(Completion.Delta.withoutImage(Views.Shown.of(none)));
      case Output.Finished _ -> {}
    }
  }

  private record Preview(String b64Json, int step, int of) {}

  /// Comments, which other clients skip.
  private void progress(Output.Progress it) {
    events.comment("progress " + json.writeValueAsString(Views.Step.of(it)));
    for (Pixels soFar : it.soFar()) {
      String png = PreviewPng.base64(soFar);
      events.comment("preview " + json.writeValueAsString(new Preview(png, it.step(), it.of())));
    }
  }

  void finish(Output.Finished end, Completion.Extension extension, boolean usageChunk) {
    begin();
    Completion.Usage usage = Completion.Usage.of(end.usage());
    chunk(
        List.of(
            new Completion.ChunkChoice(
                0, Completion.Delta.nothing(), Completion.finishReason(end.reason()))),
        usageChunk ? null : usage,
        extension);
    if (usageChunk) {
      chunk(List.of(), usage, null);
    }
    events.data("[DONE]");
  }

  private void image(Views.Shown shown) {
    Views.Image image = shown.image();
    if (image != null) {
      delta(Completion.Delta.image(Completion.Part.image(image, shown)));
    }
  }

  private void begin() {
    if (!begun) {
      begun = true;
      chunk(
          List.of(new Completion.ChunkChoice(0, Completion.Delta.role("assistant"), null)),
          null,
          null);
    }
  }

  private void delta(Completion.Delta delta) {
    begin();
    chunk(List.of(new Completion.ChunkChoice(0, delta, null)), null, null);
  }

  private void chunk(
      List<Completion.ChunkChoice> choices,
      Completion.@Nullable Usage usage,
      Completion.@Nullable Extension extension) {
    events.data(
        json.writeValueAsString(
            new Completion.Chunk(
                id, "chat.completion.chunk", created, model, choices, usage, extension)));
  }
}
