package gill.engine.llm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.Cancellation;
import gill.engine.flow.ImgSpan;
import gill.engine.flow.LmEvent;
import gill.engine.flow.Message;
import gill.engine.flow.PromptSegment;
import gill.engine.flow.SamplingOptions;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.CausalLm;
import gill.engine.testing.DefaultBundle;
import gill.engine.testing.Golden;
import gill.engine.testing.LeakGuard;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/// The language model of the default bundle against the reference values.
@Tag("bundle")
@ExtendWith(LeakGuard.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LanguageModelBundleTest {
  private Bundle bundle;
  private Decoder decoder;

  @BeforeAll
  void open() {
    bundle = Bundle.open(DefaultBundle.folder());
    decoder = new Decoder(bundle);
    // The constant beginning is read at the first prompt and kept.
    decoder.lookup(chat("hello"));
  }

  @AfterAll
  void close() {
    bundle.close();
  }

  private static Golden golden() {
    return DefaultBundle.tensors("language_model");
  }

  private List<PromptSegment> chat(String text) {
    return new ChatTemplate(bundle.languageTokenizer(), bundle.manifest().languageModel())
        .segments(
            List.of(Message.user(text)),
            _ -> {
              throw new IllegalStateException("there is no image");
            });
  }

  @Test
  void tokenizer_agreesWithPythonOnEveryText() {
    JsonNode rows = DefaultBundle.golden("language_model").path("tokenizer");
    assertTrue(rows.size() > 5);
    for (JsonNode row : rows) {
      String text = row.path("text").asString();
      List<Integer> expected = new ArrayList<>();
      row.path("ids").forEach(id -> expected.add(id.asInt()));
      List<Integer> ids = Arrays.stream(bundle.languageTokenizer().encode(text)).boxed().toList();
      assertEquals(expected, ids, text);
    }
  }

  @Test
  void model_readsPromptsAsTheReference() {
    for (String prompt : List.of("0", "1")) {
      float[] embeds = golden().floats(prompt + ".inputs_embeds");
      float[] table =
          new PromptEmbedder(bundle.model("language_model/embed_tokens.onnx"), bundle.imgTokens())
              .tokens(golden().ints(prompt + ".input_ids"));
      assertArrayEquals(embeds, table, "the token table is exact");
      try (CausalLm.Pass pass = bundle.languageModel().start()) {
        CausalLm.Step step = pass.step(embeds);
        // Versions of the runtime round 8-bit activations differently: what counts is that this one
        // is no farther from the 32-bit model than the reference is.
        float[] exact = golden().floats(prompt + ".exact_hidden_states");
        double allowed = 1.5 * relative(exact, golden().floats(prompt + ".hidden_states"));
        double distance = relative(exact, step.hidden());
        assertTrue(distance <= allowed, () -> distance + " > " + allowed);
        assertTrue(relative(golden().floats(prompt + ".logits"), step.logits()) <= 0.2);
      }
    }
  }

  @Test
  void decode_greedily_writesTheReferencesTokens() {
    for (String prompt : List.of("0", "1")) {
      List<Integer> expected = Arrays.stream(golden().ints(prompt + ".greedy")).boxed().toList();
      int eos = bundle.manifest().languageModel().eosTokenIds().getFirst();
      int end = expected.contains(eos) ? expected.indexOf(eos) : expected.size();
      List<Integer> ids = new ArrayList<>();
      decoder.decode(
          List.of(new PromptSegment.TokenIds(golden().ints(prompt + ".input_ids"))),
          new SamplingOptions(0, 1, 1, expected.size(), 0, 1, 1),
          new ImgTokenPolicy(ImgTokenPolicy.Mode.NEVER, 0, 1),
          Cancellation.NEVER,
          event -> {
            if (event instanceof LmEvent.Token(int id, _) && id >= 0) {
              ids.add(id);
            }
          });
      assertEquals(expected.subList(0, end), ids);
    }
  }

  @Test
  void lookup_afterTheKeptBeginning_isTheWholePromptReadAtOnce() {
    List<PromptSegment> prompt = chat("show me a red apple");
    ImgSpan kept = decoder.lookup(prompt);
    // Two segments instead of one: the beginning is not recognised and everything is read.
    PromptSegment.TokenIds first = (PromptSegment.TokenIds) prompt.getFirst();
    int[] ids = first.ids();
    List<PromptSegment> split = new ArrayList<>();
    split.add(new PromptSegment.TokenIds(Arrays.copyOf(ids, 3)));
    split.add(new PromptSegment.TokenIds(Arrays.copyOfRange(ids, 3, ids.length)));
    split.addAll(prompt.subList(1, prompt.size()));
    ImgSpan whole = decoder.lookup(split);
    assertEquals(whole.position(), kept.position());
    assertTrue(relative(whole.hidden().toArray(), kept.hidden().toArray()) < 1e-3);
  }

  private static double relative(float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) expected[i] - actual[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }
}
