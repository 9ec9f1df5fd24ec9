package gill.engine.diffusion;

import gill.engine.flow.Pixels;
import gill.engine.runtime.BundleManifest.DiffusionSpec;
import gill.engine.runtime.FloatTensor;
import gill.engine.runtime.OnnxModel;
import gill.engine.runtime.Tensor;
import gill.engine.runtime.TensorInfo;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What the nets read of a draft, in their own numbers. No draft: no latents, an empty mask, a
/// white picture.
final class DraftInputs {
  private final DiffusionSpec spec;
  private final float[] latents;
  private final float[] mask;
  private final float[] planes;

  private DraftInputs(DiffusionSpec spec, float[] latents, float[] mask, float[] planes) {
    this.spec = spec;
    this.latents = latents;
    this.mask = mask;
    this.planes = planes;
  }

  /// Throws [IllegalArgumentException] if the draft is not of the size the generator draws.
  static DraftInputs of(Optional<Draft> draft, DiffusionSpec spec, OnnxModel encoder) {
    int side = spec.imageSize();
    int cells = spec.latentSize();
    if (draft.isEmpty()) {
      float[] white = new float[3 * side * side];
      Arrays.fill(white, 1);
      return new DraftInputs(
          spec, new float[spec.latentChannels() * cells * cells], new float[cells * cells], white);
    }
    Pixels picture = draft.get().picture();
    if (picture.width() != side || picture.height() != side) {
      throw new IllegalArgumentException(
          "a draft must have " + side + "x" + side + " pixels, has " + picture);
    }
    float[] planes = planes(picture);
    FloatTensor latents =
        encoder.run(Map.of("sample", FloatTensor.of(planes, 1, 3, side, side)), "latent_sample");
    return new DraftInputs(spec, latents.data(), draft.get().mask(cells), planes);
  }

  /// For `rows` equal rows of the denoiser.
  Map<String, Tensor> ofDenoiser(int rows) {
    int cells = spec.latentSize();
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put(
        "draft_latents",
        FloatTensor.of(repeated(latents, rows), rows, spec.latentChannels(), cells, cells));
    inputs.put("draft_mask", FloatTensor.of(repeated(mask, rows), rows, 1, cells, cells));
    return inputs;
  }

  /// Those of them the decoder asks for.
  Map<String, Tensor> ofDecoder(OnnxModel decoder) {
    int side = spec.imageSize();
    int cells = spec.latentSize();
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (TensorInfo input : decoder.inputs()) {
      switch (input.name()) {
        case "draft" -> inputs.put("draft", FloatTensor.of(planes, 1, 3, side, side));
        case "draft_mask" -> inputs.put("draft_mask", FloatTensor.of(mask, 1, 1, cells, cells));
        default -> {}
      }
    }
    return inputs;
  }

  private static float[] repeated(float[] values, int times) {
    float[] all = new float[values.length * times];
    for (int i = 0; i < times; i++) {
      System.arraycopy(values, 0, all, i * values.length, values.length);
    }
    return all;
  }

  /// Interleaved 8-bit RGB to planes in [-1, 1].
  private static float[] planes(Pixels picture) {
    byte[] rgb = picture.rgb();
    int size = picture.width() * picture.height();
    float[] planes = new float[3 * size];
    for (int i = 0; i < rgb.length; i++) {
      planes[i % 3 * size + i / 3] = (rgb[i] & 0xff) / 127.5f - 1;
    }
    return planes;
  }
}
