package gill.engine.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.Cancellation;
import gill.engine.flow.Conditioning;
import gill.engine.flow.Matrix;
import gill.engine.flow.Pixels;
import gill.engine.runtime.Bundle;
import gill.engine.testing.TinyBundle;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Drafts, on a tiny bundle whose nets read them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DraftTest {
  private Bundle bundle;
  private Diffusion diffusion;

  @BeforeAll
  void open(@TempDir Path folder) {
    bundle = Bundle.open(TinyBundle.withDraftsTo(folder));
    diffusion = new Diffusion(bundle);
  }

  @AfterAll
  void close() {
    bundle.close();
  }

  private Pixels plain(int level, int side) {
    byte[] rgb = new byte[3 * side * side];
    Arrays.fill(rgb, (byte) level);
    return Pixels.of(side, side, rgb);
  }

  private Draft draft(int level, Draft.Square... squares) {
    return new Draft(plain(level, bundle.manifest().diffusion().imageSize()), List.of(squares));
  }

  private Pixels drawn(Optional<Draft> draft) {
    int length = bundle.manifest().gill().conditioningLength();
    int dimension = bundle.manifest().gill().conditioningDim();
    Conditioning said =
        new Conditioning(Matrix.of(length, dimension, GaussianNoise.of(3, length * dimension)));
    Denoised result =
        diffusion.generate(
            List.of(new WeightedPrompt(said, 1)),
            Diffusion.zeros(length, dimension),
            draft,
            new DenoiseOptions(7, 3, 2, ""),
            StepListener.NONE,
            Cancellation.NEVER);
    return assertInstanceOf(Denoised.Picture.class, result).pixels();
  }

  @Test
  void generate_withAnotherDraftOrNone_drawsAnotherPicture() {
    assertTrue(diffusion.readsDrafts());
    Draft.Square square = new Draft.Square(0, 0, 16);
    Pixels dark = drawn(Optional.of(draft(0, square)));
    assertEquals(dark, drawn(Optional.of(draft(0, square))));
    assertNotEquals(dark, drawn(Optional.of(draft(200, square))));
    assertNotEquals(dark, drawn(Optional.of(draft(0, new Draft.Square(16, 0, 16)))));
    assertNotEquals(dark, drawn(Optional.empty()));
  }

  @Test
  void generate_draftOfAnotherSize_isRefused() {
    Draft small = new Draft(plain(0, 8), List.of());
    assertThrows(IllegalArgumentException.class, () -> drawn(Optional.of(small)));
  }

  @Test
  void mask_squares_isTheShareOfEachCellTheyCover() {
    Draft draft =
        new Draft(plain(0, 8), List.of(new Draft.Square(0, 0, 4), new Draft.Square(4, 3, 2)));
    assertArrayEquals(new float[] {1, 0.125f, 0, 0.125f}, draft.mask(2), 1e-6f);
  }

  @Test
  void square_outsideOfThePicture_isRefused() {
    Pixels picture = plain(0, 8);
    assertThrows(
        IllegalArgumentException.class,
        () -> new Draft(picture, List.of(new Draft.Square(5, 0, 4))));
    assertThrows(IllegalArgumentException.class, () -> new Draft.Square(-1, 0, 4));
  }
}
