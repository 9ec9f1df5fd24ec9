package gill.engine.vision;

import gill.engine.flow.Conditioning;
import gill.engine.flow.UnitVector;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.FloatTensor;
import gill.engine.runtime.LongTensor;
import gill.engine.runtime.OnnxModel;
import gill.engine.runtime.Tensor;
import gill.engine.runtime.TensorInfo;
import gill.engine.runtime.Tokenizer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// The frozen text tower: from words to a CLIP embedding `[D]`, or to what the image generator
/// listens to `[L][C]`.
///
/// Texts run one at a time: a quantised tower's states depend on the other texts of a batch. Safe
/// for use by many threads. Closes nothing: tokenizer and models belong to the bundle.
public final class TextEncoder {
  private final Tokenizer tokenizer;
  private final OnnxModel tower;
  private final OnnxModel projection;
  private final OnnxModel conditioning;

  public TextEncoder(Bundle bundle) {
    this(
        bundle.textTokenizer(),
        bundle.model("text_encoder/model.onnx"),
        bundle.model("text_encoder/text_projection.onnx"),
        bundle.model("text_encoder/conditioning.onnx"));
  }

  TextEncoder(Tokenizer tokenizer, OnnxModel tower, OnnxModel projection, OnnxModel conditioning) {
    this.tokenizer = tokenizer;
    this.tower = tower;
    this.projection = projection;
    this.conditioning = conditioning;
  }

  /// The CLIP embedding of a text, comparable with [VisualEncoder#clipEmbedding]. A text longer
  /// than the tower reads is cut.
  public UnitVector embed(String text) {
    return UnitVector.normalise(projection.run(states(text), "text_embeds").data());
  }

  /// What the image generator makes of a text.
  public Conditioning conditioning(String text) {
    return new Conditioning(conditioning.run(states(text), "encoder_hidden_states").toMatrix());
  }

  /// `last_hidden_state` and `attention_mask`, the inputs of both heads.
  private Map<String, Tensor> states(String text) {
    int[] ids = tokenizer.encodeWhole(text);
    long[] mask = new long[ids.length];
    Arrays.fill(mask, 1);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (TensorInfo input : tower.inputs()) {
      long[] values =
          switch (input.name()) {
            case "input_ids" -> Arrays.stream(ids).asLongStream().toArray();
            case "attention_mask" -> mask;
            case "token_type_ids" -> new long[ids.length];
            default -> throw new IllegalStateException("the text tower asks for " + input.name());
          };
      inputs.put(input.name(), LongTensor.of(values, 1, ids.length));
    }
    FloatTensor hidden = tower.run(inputs, "last_hidden_state");
    return Map.of(
        "last_hidden_state", hidden, "attention_mask", LongTensor.of(mask, 1, ids.length));
  }
}
