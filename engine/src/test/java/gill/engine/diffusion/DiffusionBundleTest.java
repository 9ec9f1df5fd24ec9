package gill.engine.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import gill.engine.flow.Cancellation;
import gill.engine.flow.Conditioning;
import gill.engine.flow.Matrix;
import gill.engine.flow.Pixels;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.FloatTensor;
import gill.engine.runtime.Tensor;
import gill.engine.runtime.TensorInfo;
import gill.engine.testing.DefaultBundle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/// The image generator of the default bundle against PyTorch's reference values.
@Tag("bundle")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DiffusionBundleTest {
  private Bundle bundle;

  @BeforeAll
  void open() {
    bundle = Bundle.open(DefaultBundle.folder());
  }

  @AfterAll
  void close() {
    bundle.close();
  }

  @Test
  void unet_goldenStep_isTheReference() {
    FloatTensor output =
        bundle.model("unet/model.onnx").run(inputs("unet", "unet/model.onnx"), "out_sample");
    assertArrayEquals(
        DefaultBundle.tensors("unet").tensor("out_sample").data(), output.data(), 1e-4f);
  }

  @Test
  void decoder_goldenLatents_giveTheReferencePicture() {
    FloatTensor output =
        bundle
            .model("vae_decoder/model.onnx")
            .run(inputs("vae_decoder", "vae_decoder/model.onnx"), "sample");
    assertArrayEquals(
        DefaultBundle.tensors("vae_decoder").tensor("sample").data(), output.data(), 1e-4f);
  }

  @Test
  void encoder_goldenDrafts_giveTheReferenceLatents() {
    FloatTensor output =
        bundle
            .model("vae_encoder/model.onnx")
            .run(inputs("vae_encoder", "vae_encoder/model.onnx"), "latent_sample");
    assertArrayEquals(
        DefaultBundle.tensors("vae_encoder").tensor("latent_sample").data(), output.data(), 1e-4f);
  }

  /// The golden values of a graph's inputs.
  private Map<String, Tensor> inputs(String golden, String graph) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (TensorInfo input : bundle.model(graph).inputs()) {
      inputs.put(input.name(), DefaultBundle.tensors(golden).tensor(input.name()));
    }
    return inputs;
  }

  /// What the golden picture of a row was drawn on.
  private static Optional<Draft> draft(int row, int rows, JsonNode golden) {
    List<Draft.Square> squares = new ArrayList<>();
    for (JsonNode square : golden.path("draft_squares").get(row)) {
      squares.add(
          new Draft.Square(
              square.get(0).intValue(), square.get(1).intValue(), square.get(2).intValue()));
    }
    if (squares.isEmpty()) {
      return Optional.empty();
    }
    int[] levels = DefaultBundle.tensors("diffusion").ints("draft");
    byte[] rgb = new byte[levels.length / rows];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) levels[row * rgb.length + i];
    }
    int side = (int) Math.sqrt(rgb.length / 3.0);
    return Optional.of(new Draft(Pixels.of(side, side, rgb), squares));
  }

  @Test
  void schedule_goldenSteps_visitsTheReferenceLevels() {
    JsonNode golden = DefaultBundle.golden("diffusion");
    Schedule schedule =
        new Diffusion(bundle).scheduler("").schedule(golden.path("num_inference_steps").intValue());
    float[] sigmas = DefaultBundle.tensors("diffusion").tensor("sigmas").data();
    for (int i = 0; i < schedule.steps(); i++) {
      assertEquals(1000 * sigmas[i], schedule.timestep(i), 1e-3);
    }
  }

  /// Twenty guided steps: small differences of the runtimes add up, two levels of 255 remain.
  @Test
  void denoise_goldenNoise_givesTheReferencePictures() {
    JsonNode golden = DefaultBundle.golden("diffusion");
    FloatTensor noise = DefaultBundle.tensors("diffusion").tensor("initial_noise");
    FloatTensor states = DefaultBundle.tensors("diffusion").tensor("encoder_hidden_states");
    int[] images = DefaultBundle.tensors("diffusion").ints("image");
    int rows = (int) noise.shape()[0];
    Diffusion diffusion = new Diffusion(bundle);
    int length = (int) states.shape()[1];
    int dimension = (int) states.shape()[2];
    for (int row = 0; row < rows; row++) {
      DenoiseOptions options =
          new DenoiseOptions(
              0,
              golden.path("num_inference_steps").intValue(),
              golden
                  .path(
                      draft(row, rows, golden).isPresent()
                          ? "draft_guidance_scale"
                          : "guidance_scale")
                  .doubleValue(),
              "");
      Denoised result =
          diffusion.denoise(
              row(noise.data(), rows, row),
              List.of(
                  new WeightedPrompt(
                      new Conditioning(Matrix.of(length, dimension, row(states.data(), rows, row))),
                      1)),
              Diffusion.zeros(length, dimension),
              draft(row, rows, golden),
              options,
              StepListener.NONE,
              Cancellation.NEVER);
      Pixels picture = assertInstanceOf(Denoised.Picture.class, result).pixels();
      byte[] rgb = picture.rgb();
      for (int i = 0; i < rgb.length; i++) {
        assertEquals(
            images[row * rgb.length + i], rgb[i] & 0xff, golden.path("image_tolerance").intValue());
      }
    }
  }

  private static float[] row(float[] batch, int rows, int row) {
    int size = batch.length / rows;
    return Arrays.copyOfRange(batch, row * size, (row + 1) * size);
  }
}
