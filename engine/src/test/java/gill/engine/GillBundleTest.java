package gill.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.diffusion.DenoiseOptions;
import gill.engine.diffusion.Denoised;
import gill.engine.diffusion.Diffusion;
import gill.engine.diffusion.StepListener;
import gill.engine.diffusion.WeightedPrompt;
import gill.engine.flow.Cancellation;
import gill.engine.flow.Conditioning;
import gill.engine.flow.ImageMode;
import gill.engine.flow.ImgSpan;
import gill.engine.flow.LmEvent;
import gill.engine.flow.Matrix;
import gill.engine.flow.Message;
import gill.engine.flow.Pixels;
import gill.engine.flow.PromptSegment;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.UnitVector;
import gill.engine.llm.ChatTemplate;
import gill.engine.llm.Decoder;
import gill.engine.llm.ImgTokenPolicy;
import gill.engine.mapper.GenerationHead;
import gill.engine.mapper.RetrievalHead;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.FloatTensor;
import gill.engine.runtime.Tensor;
import gill.engine.testing.DefaultBundle;
import gill.engine.testing.Golden;
import gill.engine.vision.VisualEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

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

  /// Text, place of the image, query and picture of a whole reply. The reference language model is
  /// the exact one in PyTorch, the bundle's has 8 bits: what follows from it is near, not equal.
  @Test
  void wholeReply_isTheReference() {
    JsonNode reference = DefaultBundle.golden("gill").at("/reply");
    JsonNode tolerance = DefaultBundle.golden("gill").at("/tolerance");
    var template = new ChatTemplate(bundle.languageTokenizer(), bundle.manifest().languageModel());
    List<PromptSegment> prompt =
        template.segments(
            List.of(Message.user(reference.at("/text").asString())),
            image -> {
              throw new AssertionError("the prompt has no image");
            });
    SamplingOptions greedy = new SamplingOptions(0, 1, 1, 48, 0, 1, 0);
    List<LmEvent> events = new ArrayList<>();
    new Decoder(bundle)
        .decode(
            prompt,
            greedy,
            ImgTokenPolicy.of(ImageMode.AUTO, greedy),
            Cancellation.NEVER,
            events::add);

    StringBuilder text = new StringBuilder();
    List<ImgSpan> spans = new ArrayList<>();
    for (LmEvent event : events) {
      switch (event) {
        case LmEvent.Token(int _, String piece) -> text.append(piece);
        case LmEvent.Img(ImgSpan span) -> spans.add(span);
        case LmEvent.Stopped _ -> {}
      }
    }
    assertEquals(reference.at("/answer").asString(), text.toString());
    assertEquals(1, spans.size());
    ImgSpan span = spans.getFirst();
    assertEquals(
        golden.ints("reply.prompt_ids").length + golden.ints("reply.token_ids").length,
        span.position());

    UnitVector query = new RetrievalHead(bundle).query(span);
    double cosine = query.cosine(UnitVector.normalise(golden.floats("reply.query_embeds")));
    assertTrue(
        cosine >= tolerance.at("/reply_query_cosine").asDouble(), "cosine of the query: " + cosine);

    byte[] rgb = picture(span, reference).rgb();
    int[] expected = golden.ints("reply.image");
    double away = 0;
    for (int i = 0; i < rgb.length; i++) {
      away += Math.abs(expected[i] - (rgb[i] & 0xff)) / (double) rgb.length;
    }
    assertTrue(
        away <= tolerance.at("/reply_image_mean_difference").asDouble(),
        "mean difference of the pictures, of 255: " + away);
  }

  private static Pixels picture(ImgSpan span, JsonNode reference) {
    Conditioning conditioning = new GenerationHead(bundle).map(span);
    Denoised drawn =
        new Diffusion(bundle)
            .generate(
                List.of(new WeightedPrompt(conditioning, 1)),
                Diffusion.zeros(conditioning.states().rows(), conditioning.states().columns()),
                Optional.empty(),
                new DenoiseOptions(
                    reference.at("/seed").asLong(),
                    reference.at("/num_inference_steps").asInt(),
                    reference.at("/guidance_scale").asDouble(),
                    ""),
                StepListener.NONE,
                Cancellation.NEVER);
    return assertInstanceOf(Denoised.Picture.class, drawn).pixels();
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
