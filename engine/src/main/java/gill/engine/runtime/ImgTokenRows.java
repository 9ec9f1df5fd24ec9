package gill.engine.runtime;

import gill.engine.flow.Matrix;
import java.nio.file.Path;
import java.util.Map;

/// The trained rows of the [IMG] tokens (paper §3.1): they stand beside the frozen token table.
///
/// @param inputEmbeddings `[r][H]`, what the model reads for [IMG0] to [IMG(r-1)]
/// @param outputRow H values; [IMG0]'s logit is hidden · outputRow + outputBias
public record ImgTokenRows(Matrix inputEmbeddings, Matrix outputRow, float outputBias) {
  static ImgTokenRows read(Path safetensors) {
    Map<String, FloatTensor> tensors = SafeTensors.read(safetensors);
    return new ImgTokenRows(
        tensor(tensors, "input_embeddings").toMatrix(),
        tensor(tensors, "output_embeddings").toMatrix(),
        tensor(tensors, "output_bias").data()[0]);
  }

  private static FloatTensor tensor(Map<String, FloatTensor> tensors, String name) {
    FloatTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("no tensor '" + name + "' in " + tensors.keySet());
    }
    return tensor;
  }
}
