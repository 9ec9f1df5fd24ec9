package gill.engine.runtime;

import gill.engine.flow.MatchCurve;
import gill.engine.flow.QueryKind;
import gill.engine.flow.SamplingOptions;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `bundle.json`: what a bundle says about itself. The letters in brackets are those of
/// docs/model-bundle-format.md.
///
/// @param relevance curves for an index that has none of its own; may lack kinds
public record BundleManifest(
    String name,
    String version,
    String description,
    List<Licence> licences,
    LanguageModelSpec languageModel,
    VisionSpec vision,
    TextSpec text,
    GillSpec gill,
    DiffusionSpec diffusion,
    ClipSpec clip,
    Map<QueryKind, MatchCurve> relevance,
    String fingerprint,
    List<FileEntry> files) {
  public static final int FORMAT_VERSION = 1;

  /// The features a decision head may ask for.
  public static final Set<String> KNOWN_DECISION_FEATURES =
      Set.of(
          "max_retrieval_score",
          "retrieval_margin",
          "img_z",
          "img_z_margin",
          "img_p_match",
          "max_text_score",
          "text_margin",
          "text_z",
          "text_z_margin",
          "text_p_match",
          "score_agreement",
          "caption_overlap",
          "name_said",
          "best_name_said",
          "context_name_said",
          "shown_overlap",
          "core_overlap",
          "word_score",
          "word_share",
          "context_word_share",
          "content_words",
          "colour_unmet",
          "count_unmet",
          "ground_unmet",
          "relation",
          "things_unmet",
          "follow_up",
          "pictures",
          "shown_p_match",
          "shown_margin");

  /// The schedulers a bundle may ask for, by diffusers' class name.
  public static final Set<String> KNOWN_SCHEDULERS =
      Set.of("FlowMatchEulerDiscreteScheduler", "DDIMScheduler", "EulerDiscreteScheduler");

  public BundleManifest {
    licences = List.copyOf(licences);
    relevance = Map.copyOf(relevance);
    files = List.copyOf(files);
  }

  /// Whose work a part is.
  public record Licence(String part, String spdx, String attribution, String source) {}

  /// How a dialogue is written down for the language model.
  public enum ChatFormat {
    /// `<|im_start|>role\n…<|im_end|>\n`
    CHATML,
    /// `Q: …\nA: …\n`, as in the paper's demo.
    GILL_QA
  }

  /// A turn that shows the language model how to answer.
  public record Example(String user, String assistant) {}

  /// The frozen language model.
  ///
  /// @param hiddenSize H
  /// @param vocabSize V, without the [IMG] tokens
  /// @param contextLength positions that fit, prompt and answer together
  /// @param bosTokenId prepended to the prompt; -1 = none
  /// @param examples turns between the system prompt and every dialogue
  /// @param sampling what the bundle's replies were tuned with
  /// @param readsShownImages true if the model is trained to see the images of its own earlier
  ///   answers; else it reads only the words beside them
  public record LanguageModelSpec(
      int hiddenSize,
      int numLayers,
      int numKvHeads,
      int headDim,
      int vocabSize,
      int contextLength,
      int bosTokenId,
      List<Integer> eosTokenIds,
      ChatFormat chatFormat,
      String systemPrompt,
      List<Example> examples,
      SamplingOptions sampling,
      boolean readsShownImages,
      boolean tiedEmbeddings) {
    public LanguageModelSpec {
      examples = List.copyOf(examples);
      eosTokenIds = List.copyOf(eosTokenIds);
    }
  }

  /// The vision encoder.
  ///
  /// @param imageSize S, pixels a side
  /// @param pooledDim F
  /// @param embedDim D, of the space shared with the text encoder
  public record VisionSpec(int imageSize, int pooledDim, int embedDim) {}

  /// The text encoder.
  ///
  /// @param hiddenDim E
  /// @param embedDim D
  /// @param maxLength tokens a text is cut to
  public record TextSpec(int hiddenDim, int embedDim, int maxLength) {}

  /// GILL's own parts.
  ///
  /// @param numImgTokens r
  /// @param numVisualTokens n
  /// @param retrievalDim R
  /// @param conditioningLength L
  /// @param conditioningDim C
  /// @param decisionFeatures the decision head's inputs beside the hidden state, in order
  /// @param imgTokenBias added to the logit of [IMG0]
  /// @param imagesAfterSentence true if [IMG0] at a reply's start promises an image: it comes after
  ///   the first sentence, or at the reply's end
  /// @param decisionThreshold p_retrieve from which the corpus image is shown
  /// @param decisionEitherBand half width of the band around the threshold where both would do
  public record GillSpec(
      int numImgTokens,
      int numVisualTokens,
      int retrievalDim,
      int conditioningLength,
      int conditioningDim,
      List<String> decisionFeatures,
      double imgTokenBias,
      boolean imagesAfterSentence,
      double decisionThreshold,
      double decisionEitherBand) {
    public GillSpec {
      decisionFeatures = List.copyOf(decisionFeatures);
    }
  }

  /// What the image generator listens to when guidance asks for "no prompt".
  public enum Unconditional {
    ZEROS,
    EMPTY_PROMPT
  }

  /// The image generator.
  ///
  /// @param imageSize pixels a side
  /// @param latentChannels c
  /// @param latentSize h = w
  /// @param scheduler diffusers' class name
  /// @param draftGuidanceScale the guidance of a picture that has a draft
  /// @param wordsShare how much of what guidance leads to comes from the generator's own text
  ///   encoder, in [0, 1], where a request names what is to be seen; 0 = the mapper alone, as in
  ///   the paper
  /// @param draftSources of images that suit a draft best, by the index's `source`; others do too
  /// @param drafts true if the nets read a draft put together from retrieved images
  /// @param confidence from the cosine of picture and query to P(picture shows what was asked)
  public record DiffusionSpec(
      int imageSize,
      int latentChannels,
      int latentSize,
      double scalingFactor,
      double shiftFactor,
      int numInferenceSteps,
      double guidanceScale,
      double draftGuidanceScale,
      double wordsShare,
      String scheduler,
      Unconditional unconditional,
      boolean drafts,
      List<String> draftSources,
      Calibration confidence,
      double minConfidence) {
    public DiffusionSpec {
      if (!(wordsShare >= 0 && wordsShare <= 1)) {
        throw new IllegalArgumentException("words_share must be in [0, 1], got " + wordsShare);
      }
      draftSources = List.copyOf(draftSources);
    }
  }

  /// The shared space of images and texts.
  ///
  /// @param calibration from the cosine of a text and an image to P(they match)
  public record ClipSpec(double logitScale, Calibration calibration) {}

  /// A logistic curve over cosines.
  public record Calibration(double a, double b) {
    /// sigmoid(a · cosine + b).
    public double probability(double cosine) {
      return 1 / (1 + Math.exp(-(a * cosine + b)));
    }
  }

  /// Where a file comes from.
  public enum Origin {
    /// Part of the bundle as it is distributed.
    SHIPPED,
    /// Made on the user's machine from a third-party package.
    IMPORTED
  }

  /// A file of the bundle.
  ///
  /// @param path relative to the bundle, with `/`
  /// @param sha256 lower-case hex
  public record FileEntry(String path, long bytes, String sha256, Origin origin) {}
}
