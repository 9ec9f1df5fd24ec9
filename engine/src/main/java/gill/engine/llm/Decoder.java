package gill.engine.llm;

import gill.engine.fault.InferenceException;
import gill.engine.flow.Cancellation;
import gill.engine.flow.ImgSpan;
import gill.engine.flow.LmEvent;
import gill.engine.flow.Matrix;
import gill.engine.flow.PromptSegment;
import gill.engine.flow.SamplingOptions;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.BundleManifest.ChatFormat;
import gill.engine.runtime.BundleManifest.LanguageModelSpec;
import gill.engine.runtime.CausalLm;
import gill.engine.runtime.ImgTokenRows;
import gill.engine.runtime.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Lets the language model continue a prompt with text and [IMG] tokens (paper §3.3).
///
/// Safe for use by many threads; each answer has a cache of its own in native memory, freed when it
/// ends. The bundle keeps the models and closes them.
public final class Decoder {
  private final LanguageModelSpec spec;
  private final CausalLm model;
  private final Tokenizer tokenizer;
  private final PromptEmbedder embedder;
  private final ImgTokenRows imgTokens;
  private final float[] imgRow;
  private final double bundleBias;
  private final boolean imagesAfterSentence;
  private final Set<Integer> stopIds;
  private final List<PromptSegment> beginning;
  private CausalLm.@Nullable Prefix prefix;

  public Decoder(Bundle bundle) {
    spec = bundle.manifest().languageModel();
    model = bundle.languageModel();
    tokenizer = bundle.languageTokenizer();
    imgTokens = bundle.imgTokens();
    embedder = new PromptEmbedder(bundle.model("language_model/embed_tokens.onnx"), imgTokens);
    imgRow = imgTokens.outputRow().toArray();
    bundleBias = bundle.manifest().gill().imgTokenBias();
    imagesAfterSentence = bundle.manifest().gill().imagesAfterSentence();
    stopIds = stopIds(tokenizer, spec);
    beginning = new ChatTemplate(tokenizer, spec).constantBeginning();
  }

  private static Set<Integer> stopIds(Tokenizer tokenizer, LanguageModelSpec spec) {
    Set<Integer> ids = new HashSet<>(spec.eosTokenIds());
    if (spec.chatFormat() == ChatFormat.CHATML) {
      int[] nextMessage = tokenizer.encode("<|im_start|>");
      if (nextMessage.length == 1) {
        ids.add(nextMessage[0]);
      }
    }
    return ids;
  }

  /// How many positions a prompt takes.
  public int length(List<PromptSegment> prompt) {
    return embedder.length(prompt);
  }

  /// How many positions a prompt may take, so that an image and a word still fit.
  public int maxPromptLength() {
    return spec.contextLength() - imgTokenCount() - 1;
  }

  private int imgTokenCount() {
    return imgTokens.inputEmbeddings().rows();
  }

  /// The short form: the prompt and the r [IMG] tokens in one forward pass. Throws
  /// [InferenceException] if the prompt does not fit the context; the model has not run then.
  public ImgSpan lookup(List<PromptSegment> prompt) {
    int position = checkedLength(prompt);
    try (CausalLm.Pass pass = begun(prompt)) {
      List<PromptSegment> rest = new ArrayList<>(rest(prompt, pass));
      rest.add(new PromptSegment.ImgTokens());
      return span(position, pass.step(embedder.embed(rest)).hidden());
    }
  }

  /// Answers a prompt. Events go to `sink` on this thread as they happen, [LmEvent.Stopped] last.
  /// Ends within one step once `cancellation` says so. Throws [InferenceException] if the prompt
  /// does not fit the context; the model has not run then.
  ///
  /// `sampling`'s bias and number of images are not looked at: the policy has them.
  public void decode(
      List<PromptSegment> prompt,
      SamplingOptions sampling,
      ImgTokenPolicy policy,
      Cancellation cancellation,
      Consumer<LmEvent> sink) {
    int promptLength = checkedLength(prompt);
    try (CausalLm.Pass pass = begun(prompt)) {
      new Answer(this, pass, promptLength, sampling, policy, cancellation, sink)
          .write(rest(prompt, pass));
    }
  }

  private int checkedLength(List<PromptSegment> prompt) {
    int length = embedder.length(prompt);
    if (length < 1) {
      throw InferenceException.refused("the prompt is empty: send a text or an image");
    }
    if (length > maxPromptLength()) {
      throw InferenceException.refused(
          "the prompt has "
              + length
              + " tokens, at most "
              + maxPromptLength()
              + " fit the model's context of "
              + spec.contextLength()
              + ": shorten it or start a new conversation");
    }
    return length;
  }

  /// The last r rows of a step's hidden states.
  ImgSpan span(int position, float[] hidden) {
    int size = imgTokenCount() * spec.hiddenSize();
    return new ImgSpan(
        position,
        Matrix.of(
            imgTokenCount(),
            spec.hiddenSize(),
            Arrays.copyOfRange(hidden, hidden.length - size, hidden.length)));
  }

  /// The probability of [IMG0] among all tokens after a step.
  double imgProbability(CausalLm.Step step, double bias) {
    int last = step.hidden().length - spec.hiddenSize();
    double img = imgTokens.outputBias() + bundleBias + bias;
    for (int i = 0; i < imgRow.length; i++) {
      img += (double) step.hidden()[last + i] * imgRow[i];
    }
    double others = 0;
    for (float logit : step.logits()) {
      others += Math.exp(logit - img);
    }
    return 1 / (1 + others);
  }

  /// A pass for the prompt. If the prompt starts with the constant beginning, it has read that.
  private CausalLm.Pass begun(List<PromptSegment> prompt) {
    boolean constant =
        !beginning.isEmpty() && prompt.size() > 1 && prompt.subList(0, 1).equals(beginning);
    return constant ? model.start(prefix()) : model.start();
  }

  /// What of the prompt a new pass has still to read.
  private static List<PromptSegment> rest(List<PromptSegment> prompt, CausalLm.Pass pass) {
    return pass.length() == 0 ? prompt : prompt.subList(1, prompt.size());
  }

  private synchronized CausalLm.Prefix prefix() {
    if (prefix == null) {
      prefix = model.prefix(embedder.embed(beginning));
    }
    return prefix;
  }

  boolean imagesAfterSentence() {
    return imagesAfterSentence;
  }

  boolean stops(int id) {
    return stopIds.contains(id);
  }

  LanguageModelSpec spec() {
    return spec;
  }

  Tokenizer tokenizer() {
    return tokenizer;
  }

  PromptEmbedder embedder() {
    return embedder;
  }
}
