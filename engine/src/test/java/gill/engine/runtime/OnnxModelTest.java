package gill.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.InferenceException;
import gill.engine.runtime.TensorInfo.ElementType;
import gill.engine.testing.LeakGuard;
import gill.engine.testing.TinyBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakGuard.class)
class OnnxModelTest {
  private static final ModelOptions ONE_THREAD = new ModelOptions(1);

  @TempDir Path directory;
  private Path bundle;

  @BeforeEach
  void copy() {
    bundle = TinyBundle.copyTo(directory);
  }

  private static Map<String, Tensor> pooled(int batch, float value) {
    float[] values = new float[24 * batch];
    Arrays.fill(values, value);
    values[0] = 1;
    return Map.of("pooler_output", FloatTensor.of(values, batch, 24));
  }

  @Test
  void signature_isReadWithoutLoading() throws IOException {
    OnnxSignature signature = OnnxSignature.read(bundle.resolve("text_encoder/model.onnx"));
    assertEquals(
        List.of("input_ids", "attention_mask", "token_type_ids"),
        signature.inputs().stream().map(TensorInfo::name).toList());
    assertEquals(
        new TensorInfo("last_hidden_state", ElementType.FLOAT, List.of(-1L, -1L, 16L)),
        signature.outputs().getFirst());
  }

  @Test
  void signature_ofSomethingElse_isRefused() throws IOException {
    Path text = Files.writeString(directory.resolve("x.onnx"), "not a protobuf at all");
    assertThrows(IOException.class, () -> OnnxSignature.read(text));
    Path empty = Files.createFile(directory.resolve("empty.onnx"));
    assertThrows(IOException.class, () -> OnnxSignature.read(empty));
  }

  @Test
  void run_takesAndGivesHeapArraysByName() {
    try (OnnxModel model =
        OnnxModel.load(bundle.resolve("vision_encoder/projection.onnx"), ONE_THREAD)) {
      FloatTensor two = model.run(pooled(2, 0.5f), "image_embeds");
      assertArrayEquals(new long[] {2, 16}, two.shape());
      double norm = 0;
      for (int i = 0; i < 16; i++) {
        norm += two.data()[i] * two.data()[i];
      }
      assertEquals(1, norm, 1e-5);
    }
  }

  @Test
  void run_onManyThreads_isTheSameAsOnOne() throws Exception {
    try (OnnxModel model =
            OnnxModel.load(bundle.resolve("vision_encoder/projection.onnx"), ONE_THREAD);
        var threads = Executors.newFixedThreadPool(4)) {
      FloatTensor alone = model.run(pooled(1, 0.25f), "image_embeds");
      Callable<FloatTensor> task = () -> model.run(pooled(1, 0.25f), "image_embeds");
      for (var result : threads.invokeAll(Collections.nCopies(40, task))) {
        assertEquals(alone, result.get());
      }
    }
  }

  @Test
  void run_withOtherNames_saysWhichAreMissing() {
    try (OnnxModel model =
        OnnxModel.load(bundle.resolve("vision_encoder/projection.onnx"), ONE_THREAD)) {
      IllegalArgumentException missing =
          assertThrows(IllegalArgumentException.class, () -> model.run(Map.of()));
      assertTrue(String.valueOf(missing.getMessage()).contains("needs the input 'pooler_output'"));
      Map<String, Tensor> extra =
          Map.of(
              "pooler_output", FloatTensor.of(new float[24], 1, 24),
              "mood", FloatTensor.of(new float[1], 1));
      assertThrows(IllegalArgumentException.class, () -> model.run(extra));
      assertThrows(IllegalArgumentException.class, () -> model.run(pooled(1, 1), "mood"));
    }
  }

  @Test
  void run_withAnotherShape_fails() {
    try (OnnxModel model =
        OnnxModel.load(bundle.resolve("vision_encoder/projection.onnx"), ONE_THREAD)) {
      assertThrows(
          InferenceException.class,
          () -> model.run(Map.of("pooler_output", FloatTensor.of(new float[25], 1, 25))));
    }
  }

  @Test
  void load_ofNoModel_fails() {
    assertThrows(
        InferenceException.class,
        () -> OnnxModel.load(directory.resolve("none.onnx"), ONE_THREAD).close());
    assertThrows(
        InferenceException.class,
        () -> OnnxModel.load(bundle.resolve("bundle.json"), ONE_THREAD).close());
  }

  @Test
  void tensor_whoseShapeAndValuesDiffer_isRefused() {
    assertThrows(IllegalArgumentException.class, () -> FloatTensor.of(new float[5], 2, 3));
    assertThrows(IllegalArgumentException.class, () -> LongTensor.of(new long[1], -1));
    assertEquals(0, FloatTensor.of(new float[0], 1, 0, 4).data().length);
  }
}
