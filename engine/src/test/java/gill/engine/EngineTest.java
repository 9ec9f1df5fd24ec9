package gill.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.IndexException;
import gill.engine.fault.InferenceException;
import gill.engine.flow.Cancellation;
import gill.engine.flow.Decision;
import gill.engine.flow.GenerationOptions;
import gill.engine.flow.Hit;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageMode;
import gill.engine.flow.LookupResult;
import gill.engine.flow.Message;
import gill.engine.flow.Output;
import gill.engine.flow.Pixels;
import gill.engine.flow.PromptPart;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.StopReason;
import gill.engine.flow.Turn;
import gill.engine.testing.LeakGuard;
import gill.engine.testing.TinyBundle;
import gill.engine.testing.TinyCorpus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Whole turns on the tiny bundle: real graphs of random weights, a real index, real files. No turn
/// leaves native memory behind.
@ExtendWith(LeakGuard.class)
class EngineTest {
  @TempDir static Path directory;
  private static Path bundle;
  private static Path index;
  private static Engine engine;

  @BeforeAll
  static void open() {
    bundle = TinyBundle.copyTo(directory);
    index = TinyCorpus.index(directory, bundle, 24);
    engine = Engine.open(bundle, index, EngineOptions.DEFAULT);
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @Test
  void info_saysWhatIsLoaded() {
    assertEquals(24, engine.info().images());
    assertFalse(engine.info().fingerprint().isBlank());
  }

  @Test
  void reply_sameSeed_isTheSameToTheByte() {
    Turn turn = turn("a red apple", ImageMode.AUTO, List.of());
    assertEquals(text(reply(turn)), text(reply(turn)));
  }

  @Test
  void reply_endsWithFinishedAndItsUsage() {
    List<Output> outputs = reply(turn("hello", ImageMode.NONE, List.of()));
    Output.Finished last = assertInstanceOf(Output.Finished.class, outputs.getLast());
    assertTrue(last.usage().promptTokens() > 0);
    assertTrue(last.timings().milliseconds().containsKey("total"));
    assertEquals(1, outputs.stream().filter(Output.Finished.class::isInstance).count());
  }

  @Test
  void reply_none_hasNoImage() {
    assertEquals(0, images(reply(turn("show me a cat", ImageMode.NONE, List.of()))).size());
  }

  @Test
  void reply_retrieve_hasExactlyOneCorpusImage() {
    List<Output> images = images(reply(turn("show me a cat", ImageMode.RETRIEVE, List.of())));
    assertEquals(1, images.size());
    Output.RetrievedImage image = assertInstanceOf(Output.RetrievedImage.class, images.getFirst());
    assertTrue(image.decision().forced());
    assertEquals(Decision.Choice.RETRIEVE, image.decision().choice());
    assertEquals(image.hit(), image.candidates().getFirst());
  }

  @Test
  void reply_shownImages_areNotRetrievedAgain() {
    Hit first = retrieved(lookup(turn("a frog", ImageMode.RETRIEVE, List.of())));
    Turn again =
        new Turn(
            List.of(),
            List.of(new PromptPart.TextPart("a frog")),
            Set.of(first.id()),
            ImageMode.RETRIEVE,
            SamplingOptions.DEFAULT,
            GenerationOptions.DEFAULT,
            4);
    assertNotEquals(first.id(), retrieved(lookup(again)).id());
  }

  @Test
  void lookup_everythingShown_generatesInAutoAndSaysSoInRetrieve() {
    Set<ImageId> all =
        engine.search("x", 100, Set.of()).bestFirst().stream()
            .map(Hit::id)
            .collect(Collectors.toSet());
    assertEquals(24, all.size());
    Turn auto =
        new Turn(
            List.of(),
            List.of(new PromptPart.TextPart("a frog")),
            all,
            ImageMode.AUTO,
            SamplingOptions.DEFAULT,
            new GenerationOptions(1, 1, 2, 2, "", ""),
            4);
    LookupResult generated = lookup(auto);
    assertEquals(Decision.Choice.GENERATE, generated.decision().choice());
    assertInstanceOf(Output.GeneratedImage.class, generated.image());
    LookupResult nothing =
        lookup(
            new Turn(
                auto.history(),
                auto.parts(),
                all,
                ImageMode.RETRIEVE,
                auto.sampling(),
                auto.generation(),
                4));
    assertInstanceOf(Output.NoImage.class, nothing.image());
  }

  @Test
  void generate_sameSeed_isTheSamePictureAndStaysAtItsAddress() {
    Turn turn = turn("a blue banana", ImageMode.GENERATE, List.of());
    Output.GeneratedImage one = generated(lookup(turn));
    Output.GeneratedImage two = generated(lookup(turn));
    assertEquals(one.picture().id(), two.picture().id());
    assertEquals(one.picture().pixels(), two.picture().pixels());
    assertEquals(
        one.picture().pixels(), engine.generated(one.picture().id()).orElseThrow().pixels());
  }

  @Test
  void generate_withPreviews_showsThemInBetween_andTheSamePictureAtTheEnd() {
    Turn plain = generate(5, 1);
    Turn previewed =
        new Turn(
            plain.history(),
            plain.parts(),
            plain.shown(),
            plain.imageMode(),
            plain.sampling(),
            plain.generation().withPreviews(2),
            plain.k());
    List<Output.Progress> told = new ArrayList<>();
    LookupResult result = engine.lookup(previewed, told::add, Cancellation.NEVER);
    assertEquals(List.of(1, 1, 0), told.stream().map(progress -> progress.soFar().size()).toList());
    Pixels drawn = generated(result).picture().pixels();
    assertEquals(drawn.width(), told.getFirst().soFar().getFirst().width());
    assertEquals(generated(lookup(plain)).picture().pixels(), drawn);
  }

  @Test
  void generate_fourCandidates_areTheFourSeedsOneByOne() {
    List<Double> single = new ArrayList<>();
    for (int seed = 5; seed < 9; seed++) {
      single.add(generated(lookup(generate(seed, 1))).picture().similarity());
    }
    Output.GeneratedImage best = generated(lookup(generate(5, 4)));
    double highest = single.stream().mapToDouble(d -> d).max().orElseThrow();
    assertEquals(highest, best.picture().similarity(), 1e-9);
    assertEquals(5 + single.indexOf(highest), best.picture().seed());
  }

  @Test
  void generate_cancelledBetweenSteps_stopsThere() {
    AtomicInteger steps = new AtomicInteger();
    LookupResult result =
        engine.lookup(
            generate(1, 4), progress -> steps.set(progress.step()), () -> steps.get() >= 2);
    assertInstanceOf(Output.NoImage.class, result.image());
    assertEquals(2, steps.get());
  }

  @Test
  void reply_cancelled_stopsWithinAToken() {
    AtomicInteger tokens = new AtomicInteger();
    List<Output> outputs = new ArrayList<>();
    engine.reply(
        turn("tell me a long story", ImageMode.NONE, List.of()),
        output -> {
          outputs.add(output);
          tokens.incrementAndGet();
        },
        () -> tokens.get() >= 3);
    Output.Finished last = assertInstanceOf(Output.Finished.class, outputs.getLast());
    assertEquals(StopReason.CANCELLED, last.reason());
  }

  @Test
  void reply_anyInterleaving_works() {
    PromptPart image = new PromptPart.ImagePart(TinyCorpus.picture(3));
    PromptPart text = new PromptPart.TextPart("what goes well with this?");
    for (List<PromptPart> parts :
        List.of(
            List.of(image, text),
            List.of(text, image),
            List.of(image),
            List.of(image, image, text, image))) {
      List<Output> outputs = new ArrayList<>();
      engine.reply(
          new Turn(
              List.of(),
              parts,
              Set.of(),
              ImageMode.RETRIEVE,
              SamplingOptions.DEFAULT,
              GenerationOptions.DEFAULT,
              1),
          outputs::add,
          Cancellation.NEVER);
      assertEquals(1, images(outputs).size());
    }
  }

  @Test
  void reply_historyWithShownImage_isRead() {
    List<Message> history =
        List.of(
            Message.user("show me a frog"),
            new Message(
                Message.Role.ASSISTANT,
                List.of(
                    new PromptPart.TextPart("Here is a frog."),
                    new PromptPart.ImagePart(TinyCorpus.picture(2)))));
    assertInstanceOf(
        Output.Finished.class, reply(turn("and one in blue", ImageMode.AUTO, history)).getLast());
  }

  @Test
  void reply_emptyPrompt_isRefused() {
    Throwable thrown =
        assertThrows(
            IllegalArgumentException.class, () -> reply(turn("   ", ImageMode.AUTO, List.of())));
    assertTrue(String.valueOf(thrown.getMessage()).contains("empty"));
  }

  @Test
  void reply_hugePrompt_isRefusedBeforeAnyModelRuns() {
    assertThrows(
        IllegalArgumentException.class,
        () -> reply(turn("word ".repeat(20_000), ImageMode.AUTO, List.of())));
    // Fits the characters, not the context of the model.
    assertThrows(
        InferenceException.class,
        () -> reply(turn("a b c d e f ".repeat(1_000), ImageMode.AUTO, List.of())));
  }

  @Test
  void search_textAndImage_areOrderedCosines() {
    for (Hits hits :
        List.of(
            engine.search("a red apple", 5, Set.of()),
            engine.search(TinyCorpus.picture(4), 5, Set.of()))) {
      assertEquals(5, hits.bestFirst().size());
      for (int i = 1; i < 5; i++) {
        assertTrue(hits.bestFirst().get(i - 1).score() >= hits.bestFirst().get(i).score());
      }
    }
  }

  @Test
  void search_aCorpusPicture_findsItself() {
    Hit best = engine.search(TinyCorpus.picture(4), 1, Set.of()).bestFirst().getFirst();
    assertEquals(new ImageId("tiny/4"), best.id());
    assertEquals(1, best.score(), 1e-4);
  }

  @Test
  void imageFile_goneFromDisk_isEmpty() throws IOException {
    Path other = Files.createDirectories(directory.resolve("gone"));
    Path ownIndex = TinyCorpus.index(other, bundle, 2);
    try (Engine own = Engine.open(bundle, ownIndex, EngineOptions.DEFAULT)) {
      var record = own.image(new ImageId("tiny/0")).orElseThrow();
      Path file = own.imageFile(record).orElseThrow();
      Files.delete(file);
      assertTrue(own.imageFile(record).isEmpty());
    }
  }

  @Test
  void open_missingIndex_saysHowToMakeOne() {
    IndexException thrown =
        assertThrows(
            IndexException.class,
            () -> Engine.open(bundle, directory.resolve("nowhere"), EngineOptions.DEFAULT));
    assertTrue(String.valueOf(thrown.getMessage()).contains("gill index"));
  }

  @Test
  void reply_withRoomForImages_keepsTheTextAfterAnImage() {
    SamplingOptions lively = new SamplingOptions(2, 1, 1, 200, 1000, 3, 3);
    Turn turn =
        new Turn(
            List.of(),
            List.of(new PromptPart.TextPart("a red apple")),
            Set.of(),
            ImageMode.RETRIEVE,
            lively,
            GenerationOptions.DEFAULT,
            4);
    List<Output> outputs = reply(turn);
    List<Integer> images =
        IntStream.range(0, outputs.size())
            .filter(i -> outputs.get(i) instanceof Output.RetrievedImage)
            .boxed()
            .toList();
    assertEquals(3, images.size(), outputs::toString);
    for (int i = 1; i < images.size(); i++) {
      assertTrue(
          outputs.subList(images.get(i - 1), images.get(i)).stream()
              .anyMatch(Output.TextDelta.class::isInstance),
          outputs::toString);
    }
    assertEquals(
        3,
        images.stream()
            .map(i -> ((Output.RetrievedImage) outputs.get(i)).hit().id())
            .distinct()
            .count());
  }

  private static Turn turn(String text, ImageMode mode, List<Message> history) {
    return new Turn(
        history,
        List.of(new PromptPart.TextPart(text)),
        Set.of(),
        mode,
        new SamplingOptions(0.7, 0.9, 1.1, 24, 0, 1, 7),
        new GenerationOptions(3, 1, 3, 2, "", ""),
        4);
  }

  private static Turn generate(long seed, int candidates) {
    return new Turn(
        List.of(),
        List.of(new PromptPart.TextPart("a blue banana")),
        Set.of(),
        ImageMode.GENERATE,
        SamplingOptions.DEFAULT,
        new GenerationOptions(seed, candidates, 3, 2, "", ""),
        4);
  }

  private static List<Output> reply(Turn turn) {
    List<Output> outputs = new ArrayList<>();
    engine.reply(turn, outputs::add, Cancellation.NEVER);
    return outputs;
  }

  private static LookupResult lookup(Turn turn) {
    return engine.lookup(turn, progress -> {}, Cancellation.NEVER);
  }

  private static Hit retrieved(LookupResult result) {
    return assertInstanceOf(Output.RetrievedImage.class, result.image()).hit();
  }

  private static Output.GeneratedImage generated(LookupResult result) {
    return assertInstanceOf(Output.GeneratedImage.class, result.image());
  }

  private static List<Output> images(List<Output> outputs) {
    return outputs.stream()
        .filter(output ->
            output instanceof Output.RetrievedImage
                || output instanceof Output.GeneratedImage
                || output instanceof Output.NoImage)
        .toList();
  }

  private static String text(List<Output> outputs) {
    return outputs.stream()
        .map(output -> output instanceof Output.TextDelta(String text) ? text : "")
        .collect(Collectors.joining());
  }
}
