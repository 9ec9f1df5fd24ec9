package gill.engine.mapper;

import gill.engine.flow.Conditioning;
import gill.engine.flow.ImgSpan;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.FloatTensor;
import gill.engine.runtime.OnnxModel;
import java.util.Map;

/// The GILLMapper (paper §3.3): from the [IMG] tokens' hidden states `[r][H]` to what the image
/// generator listens to, `[L][C]`. The [IMG] input embeddings are added inside the graph.
///
/// Safe for use by many threads. Closes nothing: the model belongs to the bundle.
public final class GenerationHead {
  private final OnnxModel mapper;

  public GenerationHead(Bundle bundle) {
    this(bundle.model("gill/gill_mapper.onnx"));
  }

  GenerationHead(OnnxModel mapper) {
    this.mapper = mapper;
  }

  public Conditioning map(ImgSpan span) {
    FloatTensor hidden = FloatTensor.batchOf(span.hidden());
    return new Conditioning(
        mapper.run(Map.of("hidden_states", hidden), "encoder_hidden_states").toMatrix());
  }
}
