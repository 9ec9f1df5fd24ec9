package gill.engine.runtime;

import gill.engine.runtime.BundleManifest.DiffusionSpec;
import gill.engine.runtime.BundleManifest.GillSpec;
import gill.engine.runtime.BundleManifest.LanguageModelSpec;
import gill.engine.runtime.TensorInfo.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The inputs and outputs each graph of a bundle must have: the table of
/// docs/model-bundle-format.md with the manifest's sizes filled in.
final class GraphContract {
  /// A dimension the format leaves open: batch, tokens, positions.
  private static final long ANY = -1;

  /// An input or output as the format wants it.
  private record Expected(String name, ElementType type, long[] shape, boolean optional) {}

  private record Graph(List<Expected> inputs, List<Expected> outputs) {}

  private final Map<String, Graph> graphs = new LinkedHashMap<>();

  GraphContract(BundleManifest manifest) {
    languageModel(manifest.languageModel());
    encoders(manifest);
    gill(manifest);
    diffusion(manifest.diffusion(), manifest.gill());
  }

  /// The graphs a bundle has, by path.
  Set<String> files() {
    return graphs.keySet();
  }

  private void languageModel(LanguageModelSpec llm) {
    long hidden = llm.hiddenSize();
    put(
        "language_model/embed_tokens.onnx",
        List.of(integers("input_ids", ANY, ANY)),
        List.of(floats("inputs_embeds", ANY, ANY, hidden)));
    List<Expected> inputs =
        new ArrayList<>(
            List.of(
                floats("inputs_embeds", ANY, ANY, hidden),
                integers("attention_mask", ANY, ANY),
                optional(integers("logits_index", ANY))));
    List<Expected> outputs =
        new ArrayList<>(
            List.of(
                floats("logits", ANY, ANY, llm.vocabSize()),
                floats("hidden_states", ANY, ANY, hidden)));
    for (int i = 0; i < llm.numLayers(); i++) {
      for (String part : List.of("key", "value")) {
        long[] shape = {ANY, llm.numKvHeads(), ANY, llm.headDim()};
        inputs.add(floats("past_key_values." + i + "." + part, shape));
        outputs.add(floats("present." + i + "." + part, shape));
      }
    }
    put("language_model/model.onnx", inputs, outputs);
  }

  private void encoders(BundleManifest manifest) {
    long side = manifest.vision().imageSize();
    long pooled = manifest.vision().pooledDim();
    long shared = manifest.vision().embedDim();
    long states = manifest.text().hiddenDim();
    GillSpec gill = manifest.gill();
    put(
        "vision_encoder/model.onnx",
        List.of(floats("pixel_values", ANY, 3, side, side)),
        List.of(floats("pooler_output", ANY, pooled)));
    put(
        "vision_encoder/projection.onnx",
        List.of(floats("pooler_output", ANY, pooled)),
        List.of(floats("image_embeds", ANY, shared)));
    put(
        "text_encoder/model.onnx",
        List.of(
            integers("input_ids", ANY, ANY),
            integers("attention_mask", ANY, ANY),
            optional(integers("token_type_ids", ANY, ANY))),
        List.of(floats("last_hidden_state", ANY, ANY, states)));
    List<Expected> masked =
        List.of(
            floats("last_hidden_state", ANY, ANY, states), integers("attention_mask", ANY, ANY));
    put("text_encoder/text_projection.onnx", masked, List.of(floats("text_embeds", ANY, shared)));
    put("text_encoder/conditioning.onnx", masked, List.of(conditioning(gill)));
  }

  private void gill(BundleManifest manifest) {
    GillSpec gill = manifest.gill();
    long hidden = manifest.languageModel().hiddenSize();
    Expected pooled = floats("pooler_output", ANY, manifest.vision().pooledDim());
    Expected span = floats("hidden_states", ANY, gill.numImgTokens(), hidden);
    put(
        "gill/visual_prefix.onnx",
        List.of(pooled),
        List.of(floats("prefix_embeds", ANY, gill.numVisualTokens(), hidden)));
    put(
        "gill/retrieval_text.onnx",
        List.of(span),
        List.of(floats("query_embeds", ANY, gill.retrievalDim())));
    put(
        "gill/retrieval_image.onnx",
        List.of(pooled),
        List.of(floats("retrieval_embeds", ANY, gill.retrievalDim())));
    put("gill/gill_mapper.onnx", List.of(span), List.of(conditioning(gill)));
    put(
        "gill/decision.onnx",
        List.of(
            floats("hidden_state", ANY, hidden),
            floats("features", ANY, gill.decisionFeatures().size())),
        List.of(floats("p_retrieve", ANY, 1)));
  }

  private void diffusion(DiffusionSpec diffusion, GillSpec gill) {
    long c = diffusion.latentChannels();
    long side = diffusion.latentSize();
    List<Expected> inputs =
        new ArrayList<>(
            List.of(
                floats("sample", ANY, c, side, side), floats("timestep", ANY), conditioning(gill)));
    long pixels = diffusion.imageSize();
    Expected latents = floats("latent_sample", ANY, c, side, side);
    Expected picture = floats("sample", ANY, 3, pixels, pixels);
    List<Expected> decoderInputs = new ArrayList<>(List.of(latents));
    if (diffusion.drafts()) {
      Expected mask = floats("draft_mask", ANY, 1, side, side);
      inputs.addAll(List.of(floats("draft_latents", ANY, c, side, side), mask));
      decoderInputs.add(optional(floats("draft", ANY, 3, pixels, pixels)));
      decoderInputs.add(optional(mask));
      put("vae_encoder/model.onnx", List.of(picture), List.of(latents));
    }
    put("unet/model.onnx", inputs, List.of(floats("out_sample", ANY, c, side, side)));
    put("vae_decoder/model.onnx", decoderInputs, List.of(picture));
  }

  private static Expected conditioning(GillSpec gill) {
    return floats("encoder_hidden_states", ANY, gill.conditioningLength(), gill.conditioningDim());
  }

  private void put(String file, List<Expected> inputs, List<Expected> outputs) {
    graphs.put(file, new Graph(inputs, outputs));
  }

  private static Expected floats(String name, long... shape) {
    return new Expected(name, ElementType.FLOAT, shape, false);
  }

  private static Expected integers(String name, long... shape) {
    return new Expected(name, ElementType.INT64, shape, false);
  }

  private static Expected optional(Expected expected) {
    return new Expected(expected.name(), expected.type(), expected.shape(), true);
  }

  /// Every way in which `signature` is not what `file` must have. Outputs beyond the format are
  /// harmless; inputs beyond it could not be fed.
  List<String> faults(String file, OnnxSignature signature) {
    Graph graph = graphs.get(file);
    if (graph == null) {
      throw new IllegalArgumentException("the format knows no graph " + file);
    }
    List<String> faults = new ArrayList<>();
    compare(file + ": input", graph.inputs(), signature.inputs(), faults);
    compare(file + ": output", graph.outputs(), signature.outputs(), faults);
    Set<String> known =
        graph.inputs().stream().map(Expected::name).collect(Collectors.toUnmodifiableSet());
    for (TensorInfo input : signature.inputs()) {
      if (!known.contains(input.name())) {
        faults.add(file + ": input '" + input.name() + "' is not one of the format's");
      }
    }
    return faults;
  }

  private static void compare(
      String where, List<Expected> expected, List<TensorInfo> declared, List<String> faults) {
    Map<String, TensorInfo> byName =
        declared.stream()
            .collect(Collectors.toMap(TensorInfo::name, Function.identity(), (a, _) -> a));
    for (Expected want : expected) {
      TensorInfo have = byName.get(want.name());
      String what = where + " '" + want.name() + "' ";
      if (have == null) {
        if (!want.optional()) {
          faults.add(what + "is missing, has " + byName.keySet().stream().sorted().toList());
        }
      } else if (have.type() != want.type()) {
        faults.add(what + "must be " + want.type() + ", is " + have.type());
      } else if (!fits(want.shape(), have.shape())) {
        faults.add(what + "must be " + text(want.shape()) + ", is " + have.shape());
      }
    }
  }

  /// True if every dimension that both fix is the same. A graph may leave a whole shape open.
  private static boolean fits(long[] want, List<Long> have) {
    if (have.isEmpty()) {
      return true;
    }
    if (have.size() != want.length) {
      return false;
    }
    for (int i = 0; i < want.length; i++) {
      if (want[i] != ANY && have.get(i) != ANY && have.get(i) != want[i]) {
        return false;
      }
    }
    return true;
  }

  private static String text(long[] shape) {
    return Arrays.stream(shape)
        .mapToObj(d -> d == ANY ? "any" : Long.toString(d))
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
