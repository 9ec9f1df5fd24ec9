package gill.engine.llm;

import gill.engine.flow.Cancellation;
import gill.engine.flow.LmEvent;
import gill.engine.flow.PromptSegment;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.StopReason;
import gill.engine.flow.Usage;
import gill.engine.runtime.CausalLm;
import java.util.List;
import java.util.function.Consumer;

/// One answer being written, token by token.
final class Answer {
  private static final int NONE = -1;

  private final Decoder decoder;
  private final CausalLm.Pass pass;
  private final int promptLength;
  private final SamplingOptions sampling;
  private final ImgTokenPolicy policy;
  private final Cancellation cancellation;
  private final Consumer<LmEvent> sink;
  private final TextStream text;
  private final String stopText;
  private final int contextLength;
  private final int imgTokenCount;

  private int textTokens;
  private int images;
  private boolean justShown;
  private boolean anyText;
  private boolean atSentenceEnd = true;
  private boolean promised;

  /// A token that is chosen but not read by the model yet.
  private int unread = NONE;

  Answer(
      Decoder decoder,
      CausalLm.Pass pass,
      int promptLength,
      SamplingOptions sampling,
      ImgTokenPolicy policy,
      Cancellation cancellation,
      Consumer<LmEvent> sink) {
    this.decoder = decoder;
    this.pass = pass;
    this.promptLength = promptLength;
    this.sampling = sampling;
    this.policy = policy;
    this.cancellation = cancellation;
    this.sink = sink;
    this.text = new TextStream(decoder.tokenizer());
    this.stopText = ChatTemplate.stopText(decoder.spec().chatFormat());
    this.contextLength = decoder.spec().contextLength();
    this.imgTokenCount = decoder.spec().contextLength() - decoder.maxPromptLength() - 1;
  }

  void write(List<PromptSegment> prompt) {
    int cached = pass.length();
    StopReason reason =
        cancellation.isCancelled()
            ? StopReason.CANCELLED
            : continued(pass.step(decoder.embedder().embed(prompt)));
    flushText();
    if (reason != StopReason.CANCELLED && owesImage()) {
      showImage();
    }
    sink.accept(new LmEvent.Stopped(reason, new Usage(promptLength, cached, textTokens)));
  }

  private StopReason continued(CausalLm.Step step) {
    Sampler sampler = new Sampler(sampling, decoder.spec().vocabSize());
    while (!cancellation.isCancelled()) {
      if (wantsImage(step)) {
        flushText();
        step = showImage();
        if (images == policy.maxImages()) {
          return StopReason.END_OF_TURN;
        }
        continue;
      }
      int id = sampler.next(step.logits());
      if (decoder.stops(id)) {
        return StopReason.END_OF_TURN;
      }
      sampler.penalise(id);
      unread = id;
      textTokens++;
      justShown = false;
      atSentenceEnd = endsSentence(decoder.tokenizer().decode(id).strip());
      if (emitUntilStopText(id)) {
        return StopReason.END_OF_TURN;
      }
      if (textTokens == sampling.maxTokens()) {
        return StopReason.MAX_TOKENS;
      }
      int owed = owesImage() ? imgTokenCount : 0;
      if (pass.length() + 1 + owed >= contextLength) {
        return StopReason.CONTEXT_FULL;
      }
      step = pass.step(decoder.embedder().tokens(id));
      unread = NONE;
    }
    return StopReason.CANCELLED;
  }

  /// True where [IMG0] is more likely than all other tokens together, at the answer's start or
  /// after a sentence; or where the image promised at the start is due.
  private boolean wantsImage(CausalLm.Step step) {
    if (pass.length() + imgTokenCount > contextLength
        || !policy.allows(images, justShown)
        || !atSentenceEnd) {
      return false;
    }
    boolean likely = promised || decoder.imgProbability(step, policy.bias()) >= 0.5;
    if (likely && textTokens == 0 && decoder.imagesAfterSentence()) {
      promised = true;
      return false;
    }
    return likely;
  }

  private boolean owesImage() {
    return policy.owesImage(images) || (promised && images == 0);
  }

  /// All r [IMG] tokens pass the model in one step, after a token it has not read yet.
  private CausalLm.Step showImage() {
    int[] before = unread == NONE ? new int[0] : new int[] {unread};
    int position = pass.length() + before.length;
    CausalLm.Step step = pass.step(decoder.embedder().tokensThenImg(before));
    unread = NONE;
    images++;
    justShown = true;
    sink.accept(new LmEvent.Img(decoder.span(position, step.hidden())));
    return step;
  }

  /// Emits what the token adds to the text; true if that holds the text that ends an answer, which
  /// is not emitted. It does not end an answer that has said nothing yet.
  private boolean emitUntilStopText(int id) {
    String piece = text.add(id);
    int stop = stopText.isEmpty() ? -1 : piece.indexOf(stopText);
    boolean ends = stop >= 0 && (anyText || images > 0 || !piece.substring(0, stop).isBlank());
    String kept = ends ? piece.substring(0, stop) : piece;
    anyText |= !kept.isBlank();
    sink.accept(new LmEvent.Token(id, kept));
    return ends;
  }

  private static boolean endsSentence(String token) {
    return !token.isEmpty() && ".!?:".indexOf(token.charAt(token.length() - 1)) >= 0;
  }

  private void flushText() {
    String rest = text.flush();
    if (!rest.isEmpty()) {
      sink.accept(new LmEvent.Token(NONE, rest));
    }
  }
}
