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
import gill.engine.testing.DefaultBundle;
import java.util.Arrays;
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
        bundle
            .model("unet/model.onnx")
            .run(
                Map.of(
                    "sample", DefaultBundle.tensors("unet").tensor("sample"),
                    "timestep", DefaultBundle.tensors("unet").tensor("timestep"),
                    "encoder_hidden_states",
                        DefaultBundle.tensors("unet").tensor("encoder_hidden_states")),
                "out_sample");
    assertArrayEquals(
        DefaultBundle.tensors("unet").tensor("out_sample").data(), output.data(), 1e-4f);
  }

  @Test
  void decoder_goldenLatents_giveTheReferencePicture() {
    FloatTensor output =
        bundle
            .model("vae_decoder/model.onnx")
            .run(
                Map.of(
                    "latent_sample", DefaultBundle.tensors("vae_decoder").tensor("latent_sample")),
                "sample");
    assertArrayEquals(
        DefaultBundle.tensors("vae_decoder").tensor("sample").data(), output.data(), 1e-4f);
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
              golden.path("guidance_scale").doubleValue(),
              "");
      Denoised result =
          diffusion.denoise(
              row(noise.data(), rows, row),
              new Conditioning(Matrix.of(length, dimension, row(states.data(), rows, row))),
              Diffusion.zeros(length, dimension),
              Optional.empty(),
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
