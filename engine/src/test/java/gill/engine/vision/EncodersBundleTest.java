package gill.engine.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.Pixels;
import gill.engine.flow.UnitVector;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.FloatTensor;
import gill.engine.runtime.LongTensor;
import gill.engine.runtime.OnnxModel;
import gill.engine.runtime.Tensor;
import gill.engine.testing.DefaultBundle;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/// The encoders of the default bundle against PyTorch's and ONNX Runtime's reference values.
@Tag("bundle")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EncodersBundleTest {
  private Bundle bundle;

  @BeforeAll
  void open() {
    bundle = Bundle.open(DefaultBundle.folder());
  }

  @AfterAll
  void close() {
    bundle.close();
  }

  private List<Pixels> pictures() throws IOException {
    List<Pixels> pictures = new ArrayList<>();
    for (JsonNode file : DefaultBundle.golden("preprocess").path("files")) {
      ReadResult answer =
          ImageReader.read(
              DefaultBundle.folder().resolve("golden").resolve(file.stringValue()),
              ImageLimits.DEFAULT);
      pictures.add(
          switch (answer) {
            case ReadResult.Decoded(Pixels pixels, _) -> pixels;
            case ReadResult.Rejected rejected -> throw new AssertionError(file + ": " + rejected);
          });
    }
    return pictures;
  }

  @Test
  void resized_goldenPictures_arePillowsBitForBit() throws IOException {
    int[] golden = DefaultBundle.tensors("preprocess").ints("resized");
    ImagePreprocessor preprocessor = new VisualEncoder(bundle).preprocessor();
    List<Pixels> pictures = pictures();
    int size = golden.length / pictures.size();
    for (int n = 0; n < pictures.size(); n++) {
      byte[] expected = new byte[size];
      for (int i = 0; i < size; i++) {
        expected[i] = (byte) golden[n * size + i];
      }
      int side = preprocessor.outputWidth();
      assertEquals(
          0,
          PillowGolden.largestDifference(
              Pixels.of(side, side, expected), preprocessor.resized(pictures.get(n))),
          "picture " + n);
    }
  }

  @Test
  void pooled_goldenPictures_areTheReferences() throws IOException {
    FloatTensor golden = DefaultBundle.tensors("vision_encoder").tensor("pooler_output");
    List<float[]> pooled = new VisualEncoder(bundle).pooled(pictures());
    float tolerance = tolerance("vision_encoder", "pooler_output");
    for (int n = 0; n < pooled.size(); n++) {
      assertArrayEquals(row(golden, n), pooled.get(n), tolerance);
    }
  }

  @Test
  void clipEmbedding_goldenPooled_isTheReference() {
    FloatTensor pooled = DefaultBundle.tensors("vision_encoder").tensor("pooler_output");
    FloatTensor golden = DefaultBundle.tensors("vision_encoder").tensor("image_embeds");
    VisualEncoder encoder = new VisualEncoder(bundle);
    for (int n = 0; n < golden.shape()[0]; n++) {
      assertArrayEquals(
          row(golden, n),
          encoder.clipEmbedding(row(pooled, n)).toArray(),
          tolerance("vision_encoder", "image_embeds"));
    }
  }

  @Test
  void embed_goldenTexts_pointWhereTheReferencesDo() {
    FloatTensor golden = DefaultBundle.tensors("text_encoder").tensor("text_embeds");
    TextEncoder encoder = new TextEncoder(bundle);
    int n = 0;
    for (JsonNode text : DefaultBundle.golden("text_encoder").path("texts")) {
      UnitVector expected = UnitVector.normalise(row(golden, n++));
      double cosine = encoder.embed(text.stringValue()).cosine(expected);
      assertTrue(cosine > 0.98, () -> text + ": cosine " + cosine);
    }
  }

  @Test
  void textHeads_goldenStates_giveTheReferences() {
    FloatTensor embeds = DefaultBundle.tensors("text_encoder").tensor("text_embeds");
    FloatTensor conditioning =
        DefaultBundle.tensors("text_encoder").tensor("encoder_hidden_states");
    OnnxModel projection = bundle.model("text_encoder/text_projection.onnx");
    OnnxModel conditioner = bundle.model("text_encoder/conditioning.onnx");
    for (int n = 0; n < embeds.shape()[0]; n++) {
      FloatTensor states = DefaultBundle.tensors("text_encoder").tensor(n + ".last_hidden_state");
      long tokens = states.shape()[0];
      long[] mask = new long[(int) tokens];
      Arrays.fill(mask, 1);
      Map<String, Tensor> inputs =
          Map.of(
              "last_hidden_state", FloatTensor.of(states.data(), 1, tokens, states.shape()[1]),
              "attention_mask", LongTensor.of(mask, 1, tokens));
      assertArrayEquals(row(embeds, n), projection.run(inputs, "text_embeds").data(), 1e-5f);
      assertArrayEquals(
          row(conditioning, n), conditioner.run(inputs, "encoder_hidden_states").data(), 1e-4f);
    }
  }

  @Test
  void tokenizer_goldenTexts_giveTheReferenceIds() {
    int n = 0;
    for (JsonNode text : DefaultBundle.golden("text_encoder").path("texts")) {
      int[] golden = DefaultBundle.tensors("text_encoder").ints(n++ + ".input_ids");
      int[] ids = bundle.textTokenizer().encodeWhole(text.stringValue());
      assertArrayEquals(golden, ids, text::toString);
    }
  }

  private static float tolerance(String part, String tensor) {
    return DefaultBundle.golden(part).path("tolerance").path(tensor).path("max").floatValue();
  }

  private static float[] row(FloatTensor batch, int n) {
    int size = (int) (batch.data().length / batch.shape()[0]);
    return Arrays.copyOfRange(batch.data(), n * size, (n + 1) * size);
  }
}
