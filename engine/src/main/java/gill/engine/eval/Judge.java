package gill.engine.eval;

import gill.engine.flow.Pixels;
import gill.engine.runtime.FloatTensor;
import gill.engine.runtime.LongTensor;
import gill.engine.runtime.ModelOptions;
import gill.engine.runtime.OnnxModel;
import gill.engine.runtime.Tensor;
import gill.engine.vision.ImagePreprocessor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.databind.json.JsonMapper;

/// Looks at pictures with eyes that no part of the bundle has: a frozen encoder of its own, and a
/// classifier of things on its features, trained on corpus drawings and never on what the generator
/// makes. For one thread. Close it to free native memory.
final class Judge implements AutoCloseable {
  private final ImagePreprocessor preprocessor;
  private final OnnxModel encoder;
  private final OnnxModel classifier;
  private final List<String> things;

  /// What the judge sees in a picture.
  ///
  /// @param features standardised, Euclidean length 1
  /// @param things keys of the things it knows, the likeliest first
  record Sight(float[] features, List<String> things) {
    /// Cosine of the features.
    double likeness(Sight other) {
      double dot = 0;
      for (int i = 0; i < features.length; i++) {
        dot += (double) features[i] * other.features[i];
      }
      return dot;
    }
  }

  private Judge(
      ImagePreprocessor preprocessor,
      OnnxModel encoder,
      OnnxModel classifier,
      List<String> things) {
    this.preprocessor = preprocessor;
    this.encoder = encoder;
    this.classifier = classifier;
    this.things = things;
  }

  /// Opens `encoder` and `things` below the evaluation's data; empty if there is no encoder there.
  static Optional<Judge> open(Path data, int threads) {
    Path part = data.resolve("encoder");
    if (!Files.isRegularFile(part.resolve("model.onnx"))) {
      return Optional.empty();
    }
    ModelOptions options = new ModelOptions(threads);
    List<String> keys = new ArrayList<>();
    new JsonMapper()
        .readTree(data.resolve("things/things.json"))
        .get("things")
        .forEach(thing -> keys.add(thing.get("key").asString()));
    return Optional.of(
        new Judge(
            ImagePreprocessor.read(part.resolve("preprocessor_config.json")),
            OnnxModel.load(part.resolve("model.onnx"), options),
            OnnxModel.load(data.resolve("things/model.onnx"), options),
            List.copyOf(keys)));
  }

  boolean knows(String thing) {
    return things.contains(thing);
  }

  Sight look(Pixels picture) {
    FloatTensor pooled =
        encoder.run(
            Map.of("pixel_values", preprocessor.pixelValues(List.of(picture))), "pooler_output");
    Map<String, Tensor> seen = classifier.run(Map.of("pooler_output", pooled));
    float[] logits = floats(seen, "logits");
    List<String> ranked =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -logits[i]))
            .map(things::get)
            .toList();
    return new Sight(floats(seen, "features"), ranked);
  }

  private static float[] floats(Map<String, Tensor> outputs, String name) {
    return switch (outputs.get(name)) {
      case FloatTensor floats -> floats.data();
      case LongTensor _ -> throw new IllegalStateException("'" + name + "' holds integers");
      case null -> throw new IllegalStateException("the judge has no output '" + name + "'");
    };
  }

  @Override
  public void close() {
    encoder.close();
    classifier.close();
  }
}
