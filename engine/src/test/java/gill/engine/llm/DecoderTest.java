package gill.engine.llm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.InferenceException;
import gill.engine.flow.Cancellation;
import gill.engine.flow.ImgSpan;
import gill.engine.flow.LmEvent;
import gill.engine.flow.Matrix;
import gill.engine.flow.PromptSegment;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.StopReason;
import gill.engine.llm.ImgTokenPolicy.Mode;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.ModelOptions;
import gill.engine.testing.Golden;
import gill.engine.testing.LeakGuard;
import gill.engine.testing.TinyBundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakGuard.class)
class DecoderTest {
  private static final ImgTokenPolicy NO_IMAGES = new ImgTokenPolicy(Mode.NEVER, 0, 1);

  @TempDir static Path directory;
  private static Bundle bundle;
  private static Decoder decoder;
  private static Golden golden;
  private static List<PromptSegment> prompt;

  @BeforeAll
  static void open() {
    bundle = Bundle.open(TinyBundle.copyTo(directory), new ModelOptions(1));
    decoder = new Decoder(bundle);
    golden = Golden.read(bundle.file("golden/tiny.safetensors"));
    prompt = List.of(new PromptSegment.TokenIds(golden.ints("prompt_ids")));
  }

  @AfterAll
  static void close() {
    bundle.close();
  }

  private static SamplingOptions greedy(int maxTokens) {
    return new SamplingOptions(0, 1, 1, maxTokens, 0, 1, 1);
  }

  private static List<LmEvent> decode(
      List<PromptSegment> segments, SamplingOptions sampling, ImgTokenPolicy policy) {
    List<LmEvent> events = new ArrayList<>();
    decoder.decode(segments, sampling, policy, Cancellation.NEVER, events::add);
    return events;
  }

  private static List<Integer> ids(List<LmEvent> events) {
    return events.stream()
        .filter(e -> e instanceof LmEvent.Token(int id, _) && id >= 0)
        .map(e -> ((LmEvent.Token) e).id())
        .toList();
  }

  private static List<LmEvent.Img> images(List<LmEvent> events) {
    return events.stream()
        .filter(LmEvent.Img.class::isInstance)
        .map(LmEvent.Img.class::cast)
        .toList();
  }

  private static LmEvent.Stopped stopped(List<LmEvent> events) {
    return assertInstanceOf(LmEvent.Stopped.class, events.getLast());
  }

  @Test
  void tokenizer_agreesWithPython() {
    String text = "<|im_start|>user\nshow a red fox<|im_end|>\n<|im_start|>assistant\n";
    assertArrayEquals(golden.ints("prompt_ids"), bundle.languageTokenizer().encode(text));
  }

  @Test
  void decode_greedily_givesTheReferencesTokens() {
    List<Integer> reference = Arrays.stream(golden.ints("greedy_ids")).boxed().toList();
    List<LmEvent> events = decode(prompt, greedy(reference.size()), NO_IMAGES);
    assertEquals(reference, ids(events));
    assertEquals(StopReason.MAX_TOKENS, stopped(events).reason());
    assertEquals(golden.ints("prompt_ids").length, stopped(events).usage().promptTokens());
    assertEquals(reference.size(), stopped(events).usage().completionTokens());
  }

  @Test
  void lookup_givesTheReferencesHiddenStates() {
    ImgSpan span = decoder.lookup(prompt);
    assertEquals(golden.ints("prompt_ids").length, span.position());
    float[] expected = golden.floats("hidden_states");
    assertArrayEquals(expected, span.hidden().toArray(), 1e-4f);
  }

  @Test
  void decode_withOneSeed_isTheSameTwice() {
    SamplingOptions sampling = new SamplingOptions(0.9, 0.95, 1.1, 40, 0, 1, 77);
    ImgTokenPolicy policy = new ImgTokenPolicy(Mode.AUTO, 1, 1);
    List<LmEvent> once = decode(prompt, sampling, policy);
    assertEquals(once, decode(prompt, sampling, policy));
    SamplingOptions other = new SamplingOptions(0.9, 0.95, 1.1, 40, 0, 1, 78);
    assertFalse(once.equals(decode(prompt, other, policy)));
  }

  @Test
  void decode_onManyThreads_isTheSameAsOnOne() throws Exception {
    List<LmEvent> alone = decode(prompt, greedy(12), new ImgTokenPolicy(Mode.AUTO, 0, 1));
    try (var threads = Executors.newFixedThreadPool(4)) {
      Callable<List<LmEvent>> task =
          () -> decode(prompt, greedy(12), new ImgTokenPolicy(Mode.AUTO, 0, 1));
      for (Future<List<LmEvent>> result :
          threads.invokeAll(java.util.Collections.nCopies(8, task))) {
        assertEquals(alone, result.get());
      }
    }
  }

  @Test
  void decode_withoutImages_neverAsksForOne() {
    List<LmEvent> events = decode(prompt, greedy(30), new ImgTokenPolicy(Mode.NEVER, 1000, 4));
    assertEquals(List.of(), images(events));
  }

  @Test
  void decode_withAHighBias_asksForAnImageFirstAndEndsWithIt() {
    List<LmEvent> events = decode(prompt, greedy(6), new ImgTokenPolicy(Mode.AUTO, 1000, 1));
    assertInstanceOf(LmEvent.Img.class, events.getFirst());
    assertEquals(2, events.size());
    assertEquals(StopReason.END_OF_TURN, stopped(events).reason());
    assertEquals(0, stopped(events).usage().completionTokens());
  }

  @Test
  void decode_withRoomForManyImages_showsThemAfterSentencesAndKeepsTheText() {
    SamplingOptions lively = new SamplingOptions(2, 1, 1, 200, 0, 1, 3);
    List<LmEvent> events = decode(prompt, lively, new ImgTokenPolicy(Mode.AUTO, 1000, 8));
    assertInstanceOf(LmEvent.Img.class, events.getFirst());
    assertTrue(images(events).size() >= 2, () -> "random text has sentences: " + events);
    for (int i = 1; i < events.size(); i++) {
      if (events.get(i) instanceof LmEvent.Img) {
        List<Integer> before = ids(events.subList(0, i));
        String token = bundle.languageTokenizer().decode(before.getLast());
        assertTrue(token.strip().matches("(?s).*[.!?:]"), () -> "an image after '" + token + "'");
      }
    }
  }

  @Test
  void decode_thatPromisesImages_speaksASentenceFirstAndShowsOneAtItsEndAtTheLatest(
      @TempDir Path folder) throws Exception {
    Path copy = TinyBundle.copyTo(folder);
    Path manifest = copy.resolve("bundle.json");
    String text = Files.readString(manifest);
    String bias = "\"img_token_bias\":";
    Files.writeString(manifest, text.replace(bias, "\"images_after_sentence\": true, " + bias));
    try (Bundle promising = Bundle.open(copy, new ModelOptions(1))) {
      for (long seed = 1; seed <= 3; seed++) {
        SamplingOptions lively = new SamplingOptions(2, 1, 1, 40, 0, 1, seed);
        List<LmEvent> events = new ArrayList<>();
        ImgTokenPolicy eager = new ImgTokenPolicy(Mode.AUTO, 1000, 1);
        new Decoder(promising).decode(prompt, lively, eager, Cancellation.NEVER, events::add);
        assertInstanceOf(LmEvent.Token.class, events.getFirst());
        assertEquals(1, images(events).size());
        assertInstanceOf(LmEvent.Img.class, events.get(events.size() - 2));
        List<Integer> said = ids(events);
        List<String> tokens = said.stream().map(promising.languageTokenizer()::decode).toList();
        List<String> inside = tokens.subList(0, tokens.size() - 1);
        assertTrue(inside.stream().noneMatch(t -> t.strip().matches("(?s).*[.!?:]")));
      }
    }
  }

  @Test
  void decode_firstImage_isTheLookups() {
    List<LmEvent> events = decode(prompt, greedy(1), new ImgTokenPolicy(Mode.AUTO, 1000, 1));
    ImgSpan shown = images(events).getFirst().span();
    ImgSpan lookup = decoder.lookup(prompt);
    assertEquals(lookup.position(), shown.position());
    assertArrayEquals(lookup.hidden().toArray(), shown.hidden().toArray(), 0.15f);
  }

  @Test
  void decode_thatOwesAnImage_endsWithOneAfterTheLastToken() {
    ImgTokenPolicy policy = new ImgTokenPolicy(Mode.AT_LEAST_ONE, -1000, 1);
    List<LmEvent> events = decode(prompt, greedy(1), policy);
    assertEquals(1, images(events).size());
    assertEquals(1, ids(events).size());
    int position = images(events).getFirst().span().position();
    assertEquals(golden.ints("prompt_ids").length + 1, position, "the last token was read before");
    assertEquals(StopReason.MAX_TOKENS, stopped(events).reason());
  }

  @Test
  void decode_thatHasShownItsImage_owesNone() {
    ImgTokenPolicy policy = new ImgTokenPolicy(Mode.AT_LEAST_ONE, 1000, 1);
    List<LmEvent> events = decode(prompt, greedy(8), policy);
    assertEquals(1, images(events).size());
    assertInstanceOf(LmEvent.Img.class, events.getFirst());
  }

  @Test
  void decode_ofAnImageOnly_works() {
    Matrix visual = Matrix.of(2, 64, new float[128]);
    List<PromptSegment> imageOnly = List.of(new PromptSegment.VisualTokens(visual));
    assertEquals(5, ids(decode(imageOnly, greedy(5), NO_IMAGES)).size());
    assertEquals(2, decoder.lookup(imageOnly).position());
  }

  @Test
  void decode_ofAShownImage_readsTheImgTokens() {
    List<PromptSegment> history = new ArrayList<>(prompt);
    history.add(new PromptSegment.ImgTokens());
    assertEquals(decoder.length(prompt) + 4, decoder.length(history));
    assertEquals(decoder.length(history), decoder.lookup(history).position());
  }

  @Test
  void decode_atTheContextsEnd_stopsAndStillShowsTheImageItOwes() {
    int room = 5;
    int[] ids = new int[decoder.maxPromptLength() - room];
    Arrays.fill(ids, 70);
    ImgTokenPolicy policy = new ImgTokenPolicy(Mode.AT_LEAST_ONE, -1000, 1);
    List<LmEvent> events = decode(List.of(new PromptSegment.TokenIds(ids)), greedy(100), policy);
    assertEquals(StopReason.CONTEXT_FULL, stopped(events).reason());
    assertEquals(1, images(events).size());
    assertTrue(stopped(events).usage().completionTokens() <= room + 1);
  }

  @Test
  void decode_ofALongPrompt_isRefusedBeforeTheModelRuns() {
    int[] ids = new int[decoder.maxPromptLength() + 1];
    List<PromptSegment> tooLong = List.of(new PromptSegment.TokenIds(ids));
    List<LmEvent> events = new ArrayList<>();
    InferenceException refused =
        assertThrows(
            InferenceException.class,
            () -> decoder.decode(tooLong, greedy(1), NO_IMAGES, Cancellation.NEVER, events::add));
    assertEquals(InferenceException.Reason.REFUSED, refused.reason());
    assertEquals(
        "the prompt has 252 tokens, at most 251 fit the model's context of 256: shorten it or"
            + " start a new conversation",
        refused.getMessage());
    assertEquals(List.of(), events);
    assertThrows(InferenceException.class, () -> decoder.lookup(tooLong));
  }

  @Test
  void decode_ofNothing_isRefused() {
    assertThrows(InferenceException.class, () -> decoder.lookup(List.of()));
  }

  @Test
  void decode_cancelled_stopsWithinAStep() {
    List<LmEvent> events = new ArrayList<>();
    decoder.decode(prompt, greedy(100), NO_IMAGES, () -> events.size() >= 3, events::add);
    assertTrue(ids(events).size() <= 3, () -> "tokens after cancellation: " + events);
    assertEquals(StopReason.CANCELLED, stopped(events).reason());
  }

  @Test
  void decode_cancelledBefore_doesNothing() {
    List<LmEvent> events = new ArrayList<>();
    ImgTokenPolicy owes = new ImgTokenPolicy(Mode.AT_LEAST_ONE, 0, 1);
    decoder.decode(prompt, greedy(100), owes, () -> true, events::add);
    assertEquals(1, events.size());
    assertEquals(StopReason.CANCELLED, stopped(events).reason());
  }

  @Test
  void decode_whoseSinkFails_freesItsCache() {
    // LeakGuard looks for the cache afterwards.
    assertThrows(
        IllegalStateException.class,
        () ->
            decoder.decode(
                prompt,
                greedy(5),
                NO_IMAGES,
                Cancellation.NEVER,
                _ -> {
                  throw new IllegalStateException("the client is gone");
                }));
  }

  @Test
  void text_isTheTokensDecodedTogether() {
    List<LmEvent> events = decode(prompt, new SamplingOptions(1.5, 1, 1, 80, 0, 1, 5), NO_IMAGES);
    String streamed =
        events.stream()
            .map(e -> e instanceof LmEvent.Token(_, String text) ? text : "")
            .collect(Collectors.joining());
    int[] ids = ids(events).stream().mapToInt(Integer::intValue).toArray();
    assertEquals(bundle.languageTokenizer().decode(ids), streamed);
  }
}
