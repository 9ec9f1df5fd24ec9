package gill.engine.mapper;

import gill.engine.flow.ImgSpan;
import gill.engine.flow.UnitVector;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.FloatTensor;
import gill.engine.runtime.OnnxModel;
import java.util.Map;

/// Maps [IMG] tokens and images into one space, where a query's nearest images answer it (paper
/// §3.2, W_t2i and W_i2t).
///
/// Safe for use by many threads. Closes nothing: the models belong to the bundle.
public final class RetrievalHead {
  private final OnnxModel text;
  private final OnnxModel image;

  public RetrievalHead(Bundle bundle) {
    this(bundle.model("gill/retrieval_text.onnx"), bundle.model("gill/retrieval_image.onnx"));
  }

  RetrievalHead(OnnxModel text, OnnxModel image) {
    this.text = text;
    this.image = image;
  }

  /// The query `[R]` of an image the language model asks for.
  public UnitVector query(ImgSpan span) {
    FloatTensor hidden = FloatTensor.batchOf(span.hidden());
    return UnitVector.normalise(text.run(Map.of("hidden_states", hidden), "query_embeds").data());
  }

  /// The embedding `[R]` of an image, from the vision encoder's pooled output `[F]`.
  public UnitVector imageEmbedding(float[] pooled) {
    FloatTensor input = FloatTensor.of(pooled, 1, pooled.length);
    return UnitVector.normalise(
        image.run(Map.of("pooler_output", input), "retrieval_embeds").data());
  }
}
