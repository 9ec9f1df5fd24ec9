package gill.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.ImgSpan;
import gill.engine.flow.Matrix;
import gill.engine.flow.Message;
import gill.engine.flow.UnitVector;
import gill.engine.llm.ChatTemplate;
import gill.engine.llm.Decoder;
import gill.engine.mapper.GenerationHead;
import gill.engine.mapper.RetrievalHead;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.FloatTensor;
import gill.engine.runtime.Tensor;
import gill.engine.testing.DefaultBundle;
import gill.engine.testing.Golden;
import gill.engine.vision.VisualEncoder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// GILL's own parts, and a whole lookup, against the reference values of their training.
@Tag("bundle")
class GillBundleTest {
  private static Bundle bundle;
  private static Golden golden;
  private static float heads;

  @BeforeAll
  static void open() {
    bundle = Bundle.open(DefaultBundle.folder());
    golden = DefaultBundle.tensors("gill");
    heads = (float) DefaultBundle.golden("gill").at("/tolerance/heads_absolute").asDouble();
  }

  @AfterAll
  static void close() {
    bundle.close();
  }

  @Test
  void retrievalHead_text_isTheReference() {
    assertArrayEquals(
        golden.floats("lookup.query_embeds"),
        new RetrievalHead(bundle).query(referenceSpan()).toArray(),
        heads);
  }

  @Test
  void generationHead_isTheReference() {
    assertArrayEquals(
        golden.floats("lookup.encoder_hidden_states"),
        new GenerationHead(bundle).map(referenceSpan()).states().toArray(),
        heads);
  }

  @Test
  void decisionHead_isTheReference() {
    float[] hidden = referenceSpan().hidden().row(0);
    Map<String, Tensor> inputs =
        Map.of(
            "hidden_state", FloatTensor.of(hidden, 1, hidden.length),
            "features", golden.tensor("decision.features"));
    assertArrayEquals(
        golden.floats("decision.p_retrieve"),
        bundle.model("gill/decision.onnx").run(inputs, "p_retrieve").data(),
        heads);
  }

  @Test
  void imageHeads_areTheReference() {
    FloatTensor pooled = golden.tensor("pooler_output");
    int rows = (int) pooled.shape()[0];
    VisualEncoder encoder = new VisualEncoder(bundle);
    RetrievalHead head = new RetrievalHead(bundle);
    for (int row = 0; row < rows; row++) {
      float[] features = row(pooled, row);
      assertArrayEquals(
          row(golden.tensor("prefix_embeds"), row),
          encoder.visualTokens(features).toArray(),
          heads);
      assertArrayEquals(
          row(golden.tensor("retrieval_embeds"), row),
          head.imageEmbedding(features).toArray(),
          heads);
    }
  }

  @Test
  void wholeLookup_isTheReference() {
    var template = new ChatTemplate(bundle.languageTokenizer(), bundle.manifest().languageModel());
    Decoder decoder = new Decoder(bundle);
    String text = DefaultBundle.golden("gill").at("/lookup/text").asString();
    ImgSpan span =
        decoder.lookup(
            template.segments(
                List.of(Message.user(text)),
                image -> {
                  throw new AssertionError("the prompt has no image");
                }));
    assertEquals(golden.ints("lookup.input_ids").length, span.position());
    UnitVector query = new RetrievalHead(bundle).query(span);
    double cosine = query.cosine(UnitVector.normalise(golden.floats("lookup.query_embeds")));
    double least = DefaultBundle.golden("gill").at("/tolerance/lookup_query_cosine").asDouble();
    assertTrue(cosine >= least, "cosine to the reference query is " + cosine);
  }

  private static ImgSpan referenceSpan() {
    FloatTensor hidden = golden.tensor("lookup.hidden_states");
    int rows = (int) hidden.shape()[1];
    int columns = (int) hidden.shape()[2];
    return new ImgSpan(0, Matrix.of(rows, columns, hidden.data()));
  }

  private static float[] row(FloatTensor batch, int row) {
    int size = batch.data().length / (int) batch.shape()[0];
    return Arrays.copyOfRange(batch.data(), row * size, (row + 1) * size);
  }
}
