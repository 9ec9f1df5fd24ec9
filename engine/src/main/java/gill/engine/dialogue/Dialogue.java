package gill.engine.dialogue;

import gill.engine.dialogue.Illustrator.Illustration;
import gill.engine.dialogue.Illustrator.Order;
import gill.engine.flow.Cancellation;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImgSpan;
import gill.engine.flow.LmEvent;
import gill.engine.flow.LookupResult;
import gill.engine.flow.Message;
import gill.engine.flow.Output;
import gill.engine.flow.PromptSegment;
import gill.engine.flow.StopReason;
import gill.engine.flow.Turn;
import gill.engine.flow.UnitVector;
import gill.engine.flow.Usage;
import gill.engine.llm.ImgTokenPolicy;
import gill.engine.retrieval.SearchBackend;
import gill.engine.runtime.BundleManifest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// One turn of a conversation, from prompt to answer, in a straight line through the stages (paper
/// §3.3).
///
/// Safe for use by many threads; each call runs on its caller's thread.
public final class Dialogue {
  private final Stages stages;
  private final Illustrator illustrator;
  private final VisualMemory visualMemory;
  private final DialogueLimits limits;

  /// @param visualBytes memory for what uploaded images look like to the language model
  public Dialogue(
      Stages stages,
      BundleManifest manifest,
      SearchBackend corpus,
      PictureCache pictures,
      long visualBytes,
      DialogueLimits limits) {
    this.stages = stages;
    this.visualMemory = new VisualMemory(stages.visualEncoder(), visualBytes);
    this.illustrator =
        new Illustrator(
            stages,
            corpus,
            visualMemory,
            new Painter(stages, manifest),
            new DraftComposer(stages.textEncoder(), corpus, manifest.diffusion()),
            pictures,
            manifest.diffusion().minConfidence());
    this.limits = limits;
  }

  /// Answers with text and images as the model writes them. `sink` gets every output on this
  /// thread, [Output.Finished] last.
  ///
  /// Throws [IllegalArgumentException] if the turn breaks a limit; no model has run then.
  public void reply(Turn turn, Consumer<Output> sink, Cancellation cancellation) {
    limits.check(turn.conversation());
    StageTimer timer = new StageTimer();
    List<PromptSegment> prompt = timer.time("prompt", () -> segments(turn));
    Order order = new Order(turn, Wish.request(turn), timer, sink::accept, cancellation);
    Set<ImageId> shown = new HashSet<>(turn.shown());
    ImgTokenPolicy policy = ImgTokenPolicy.of(turn.imageMode(), turn.sampling());
    stages
        .decoder()
        .decode(
            prompt,
            turn.sampling(),
            policy,
            cancellation,
            event -> {
              switch (event) {
                case LmEvent.Token(int _, String text) -> text(text, timer, sink);
                case LmEvent.Img(ImgSpan span) -> image(span, order, shown, sink);
                case LmEvent.Stopped(StopReason reason, Usage usage) ->
                    sink.accept(new Output.Finished(reason, usage, timer.timings()));
              }
            });
  }

  private static void text(String text, StageTimer timer, Consumer<Output> sink) {
    if (!text.isEmpty()) {
      timer.mark("first_token");
      sink.accept(new Output.TextDelta(text));
    }
  }

  private void image(ImgSpan span, Order order, Set<ImageId> shown, Consumer<Output> sink) {
    Output image = illustrator.illustrate(span, order, shown).output();
    order.timer().mark("first_image");
    if (image instanceof Output.RetrievedImage retrieved) {
      shown.add(retrieved.hit().id());
    }
    sink.accept(image);
  }

  /// Answers with one image and no text: prompt and [IMG] tokens in one forward pass.
  ///
  /// Throws [IllegalArgumentException] if the turn breaks a limit; no model has run then.
  public LookupResult lookup(
      Turn turn, Consumer<Output.Progress> progress, Cancellation cancellation) {
    limits.check(turn.conversation());
    StageTimer timer = new StageTimer();
    List<PromptSegment> prompt = timer.time("prompt", () -> segments(turn));
    ImgSpan span = timer.time("language_model", () -> stages.decoder().lookup(prompt));
    Order order = new Order(turn, Wish.request(turn), timer, progress, cancellation);
    Illustration illustration = illustrator.illustrate(span, order, turn.shown());
    return new LookupResult(
        illustration.decision(), illustration.output(), illustration.candidates(), timer.timings());
  }

  /// What the corpus has for a turn, and what the decision would go by; nothing is decided or
  /// drawn.
  ///
  /// Throws [IllegalArgumentException] if the turn breaks a limit; no model has run then.
  public Looked look(Turn turn) {
    limits.check(turn.conversation());
    ImgSpan span = stages.decoder().lookup(segments(turn));
    Order order =
        new Order(turn, Wish.request(turn), new StageTimer(), _ -> {}, Cancellation.NEVER);
    return new Looked(span, illustrator.look(span, order, turn.shown()));
  }

  /// The [IMG] tokens of a turn and what the corpus has for them.
  public record Looked(ImgSpan span, CorpusLook corpus) {}

  /// The [IMG] query of a conversation, oldest message first, at least one.
  ///
  /// Throws [IllegalArgumentException] if it breaks a limit; no model has run then.
  public UnitVector imgQuery(List<Message> conversation) {
    return stages.retrievalHead().query(imgTokens(conversation));
  }

  /// The [IMG] tokens of what the conversation's last message asks to see.
  ///
  /// Throws [IllegalArgumentException] if it breaks a limit; no model has run then.
  public ImgSpan imgTokens(List<Message> conversation) {
    limits.check(conversation);
    return stages.decoder().lookup(segments(conversation));
  }

  private List<PromptSegment> segments(Turn turn) {
    return segments(turn.conversation());
  }

  private List<PromptSegment> segments(List<Message> messages) {
    return stages.chatTemplate().segments(messages, visualMemory::visualTokens);
  }
}
