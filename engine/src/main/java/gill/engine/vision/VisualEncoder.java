package gill.engine.vision;

import gill.engine.flow.Matrix;
import gill.engine.flow.Pixels;
import gill.engine.flow.UnitVector;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.FloatTensor;
import gill.engine.runtime.OnnxModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// The frozen image tower and what is made of its pooled output `[F]`: the CLIP embedding `[D]` and
/// the visual tokens `[n][H]` the language model reads (paper §3.1).
///
/// Safe for use by many threads. Closes nothing: the models belong to the bundle.
public final class VisualEncoder {
  private final ImagePreprocessor preprocessor;
  private final OnnxModel tower;
  private final OnnxModel projection;
  private final OnnxModel prefix;

  public VisualEncoder(Bundle bundle) {
    this(
        ImagePreprocessor.read(bundle.file("vision_encoder/preprocessor_config.json")),
        bundle.model("vision_encoder/model.onnx"),
        bundle.model("vision_encoder/projection.onnx"),
        bundle.model("gill/visual_prefix.onnx"));
  }

  VisualEncoder(
      ImagePreprocessor preprocessor, OnnxModel tower, OnnxModel projection, OnnxModel prefix) {
    this.preprocessor = preprocessor;
    this.tower = tower;
    this.projection = projection;
    this.prefix = prefix;
  }

  public ImagePreprocessor preprocessor() {
    return preprocessor;
  }

  /// The pooled output `[F]` of one picture.
  public float[] pooled(Pixels picture) {
    return pooled(List.of(picture)).getFirst();
  }

  /// The pooled outputs of several pictures in one run, in order.
  public List<float[]> pooled(List<Pixels> pictures) {
    if (pictures.isEmpty()) {
      return List.of();
    }
    return pooled(preprocessor.pixelValues(pictures));
  }

  /// The pooled outputs of a preprocessed batch `[B][3][S][S]`, in order.
  public List<float[]> pooled(FloatTensor pixelValues) {
    return rows(tower.run(Map.of("pixel_values", pixelValues), "pooler_output"));
  }

  /// The CLIP embedding of a picture, comparable with [TextEncoder#embed].
  public UnitVector clipEmbedding(float[] pooled) {
    return UnitVector.normalise(
        projection.run(Map.of("pooler_output", row(pooled)), "image_embeds").data());
  }

  /// The visual tokens of a picture.
  public Matrix visualTokens(float[] pooled) {
    return prefix.run(Map.of("pooler_output", row(pooled)), "prefix_embeds").toMatrix();
  }

  private static FloatTensor row(float[] pooled) {
    return FloatTensor.of(pooled, 1, pooled.length);
  }

  private static List<float[]> rows(FloatTensor batch) {
    int count = (int) batch.shape()[0];
    int size = batch.data().length / count;
    List<float[]> rows = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      rows.add(Arrays.copyOfRange(batch.data(), i * size, (i + 1) * size));
    }
    return rows;
  }
}
