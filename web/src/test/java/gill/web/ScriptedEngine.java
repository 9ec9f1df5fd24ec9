package gill.web;

import gill.engine.EngineInfo;
import gill.engine.fault.InferenceException;
import gill.engine.flow.Cancellation;
import gill.engine.flow.Decision;
import gill.engine.flow.Decision.Choice;
import gill.engine.flow.GeneratedPicture;
import gill.engine.flow.Hit;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageMode;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.LookupResult;
import gill.engine.flow.Output;
import gill.engine.flow.Pixels;
import gill.engine.flow.PromptPart;
import gill.engine.flow.QueryPart;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.SearchAnswer;
import gill.engine.flow.SearchRequest;
import gill.engine.flow.StageTimings;
import gill.engine.flow.StopReason;
import gill.engine.flow.Turn;
import gill.engine.flow.UnitVector;
import gill.engine.flow.Usage;
import gill.web.api.Answerer;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.imageio.ImageIO;

/// An engine that answers by rule: a word of the prompt says what happens. `apple` is retrieved,
/// `blue` generated, `both` retrieved after generating, `slow` never ends until cancelled, `full`
/// and `broken` fail, `midway` fails after a beginning, a `linger` of an odd seed is `slow`, a word
/// that starts with `busy` is refused once, a question with `stumble` is `slow` once, one with
/// `hold` waits in its middle for the test, an `unfinished` picture is never done. It remembers the
/// turns and searches it was given.
final class ScriptedEngine implements Answerer {
  final List<Turn> turns = new CopyOnWriteArrayList<>();
  final List<SearchRequest> searches = new CopyOnWriteArrayList<>();
  final CountDownLatch slowBegan = new CountDownLatch(1);
  final CountDownLatch slowCancelled = new CountDownLatch(1);
  final CountDownLatch mayGoOn = new CountDownLatch(1);
  volatile RuntimeException failure = new IllegalStateException("secret detail");

  private final Set<String> refused = ConcurrentHashMap.newKeySet();
  private final Path folder;
  private final List<ImageRecord> corpus = new ArrayList<>();
  private final GeneratedPicture picture;

  ScriptedEngine(Path folder) {
    this.folder = folder;
    add("noto/red-apple", "red apple", Color.RED, "Noto Emoji", "Google", "Apache-2.0");
    add("openmoji/green-apple", "green apple", Color.GREEN, "OpenMoji", "HfG", "CC-BY-SA-4.0");
    add("twemoji/umbrella", "umbrella", Color.MAGENTA, "Twemoji", "Twitter", "CC-BY-4.0");
    add("openclipart/banana", "banana", Color.YELLOW, "Open Clip Art", "", "CC0-1.0");
    picture = picture(corpus.getLast());
    add("evil/x", "<img src=x onerror=document.title='pwned'>", Color.GRAY, "<b>x</b>", "", "MIT");
  }

  private void add(
      String id, String caption, Color colour, String source, String author, String licence) {
    byte[] png = png(colour, 96);
    String file = id.replace('/', '_') + ".png";
    try {
      Files.write(folder.resolve(file), png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    corpus.add(
        new ImageRecord(
            new ImageId(id),
            caption,
            List.of(),
            caption.equals("red apple")
                ? Map.of("de", "roter Apfel", "pt", "maçã vermelha")
                : Map.of(),
            source,
            author,
            licence,
            "flat",
            "food",
            List.of(),
            file,
            sha256(png),
            96,
            96,
            Map.of()));
  }

  private static GeneratedPicture picture(ImageRecord leanedOn) {
    byte[] png = png(Color.BLUE, 64);
    return new GeneratedPicture(
        sha256(png),
        Pixels.of(64, 64, new byte[64 * 64 * 3]),
        png,
        "a blue banana",
        7,
        20,
        4.5,
        "FlowMatchEulerDiscreteScheduler",
        "icons 1.0.0",
        List.of(leanedOn),
        0.61,
        0.74);
  }

  static byte[] png(Color colour, int size) {
    BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        boolean inside = Math.hypot(x - size / 2.0, y - size / 2.0) < size * 0.4;
        image.setRGB(x, y, inside ? colour.getRGB() : Color.WHITE.getRGB());
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String words(Turn turn) {
    StringBuilder words = new StringBuilder();
    for (PromptPart part : turn.parts()) {
      words.append(part instanceof PromptPart.TextPart(String text) ? text : " [image] ");
    }
    return words.toString();
  }

  private void refuseOnce(String words) {
    for (String word : words.split(" ")) {
      if (word.startsWith("busy") && refused.add(word)) {
        throw InferenceException.overloaded("the queue of 2 is full");
      }
    }
  }

  private List<Hit> hits(int limit) {
    List<Hit> hits = new ArrayList<>();
    for (int i = 0; i < Math.min(limit, corpus.size()); i++) {
      hits.add(new Hit(corpus.get(i), 0.91 - 0.1 * i, 0.95 - 0.2 * i));
    }
    return hits;
  }

  @Override
  public EngineInfo info() {
    return new EngineInfo("icons", "1.0.0", "f".repeat(64), corpus.size(), 64, "corpus-7");
  }

  @Override
  public SamplingOptions defaultSampling() {
    return SamplingOptions.DEFAULT;
  }

  @Override
  public void reply(Turn turn, Consumer<Output> sink, Cancellation cancellation) {
    turns.add(turn);
    String words = words(turn);
    refuseOnce(words);
    if (words.contains("full") || words.contains("broken")) {
      throw failure;
    }
    if (words.contains("slow") || (words.contains("stumble") && refused.add(words))) {
      slow(sink, cancellation);
      return;
    }
    if (words.contains("unfinished")) {
      image(turn, "blue", sink);
      // Without a word: text would take the picture's place.
      slow(_ -> {}, cancellation);
      return;
    }
    sink.accept(new Output.TextDelta("Here is "));
    sink.accept(new Output.TextDelta("what you asked for: "));
    if (words.contains("midway")) {
      throw failure;
    }
    if (words.contains("hold")) {
      hold();
    }
    if (words.contains("inert")) {
      sink.accept(new Output.TextDelta("<script>document.title='pwned'</script><b>bold</b> "));
    }
    if (turn.imageMode() != ImageMode.NONE) {
      sink.accept(image(turn, words, sink));
      sink.accept(new Output.TextDelta(" Enjoy."));
    }
    sink.accept(
        new Output.Finished(
            StopReason.END_OF_TURN,
            new Usage(12, 5, 9),
            new StageTimings(Map.of("language_model", 120.5))));
  }

  private Output image(Turn turn, String words, Consumer<? super Output.Progress> progress) {
    boolean draw =
        switch (turn.imageMode()) {
          case GENERATE -> true;
          case RETRIEVE -> false;
          case AUTO, NONE -> words.contains("blue");
        };
    boolean forced = turn.imageMode() != ImageMode.AUTO;
    List<Hit> candidates = hits(turn.k());
    if (words.contains("nothing")) {
      return new Output.NoImage(
          new Decision(Choice.NONE, 0.4, forced, "nothing fits"), candidates, "nothing fits");
    }
    if (draw) {
      for (int step = 1; step <= 3; step++) {
        boolean looked = turn.generation().isPreviewed(step, 3);
        progress.accept(
            new Output.Progress(
                "diffusion", step, 3, looked ? List.of(Pixels.of(2, 1, new byte[6])) : List.of()));
      }
      return new Output.GeneratedImage(
          picture, new Decision(Choice.GENERATE, 0.12, forced, "decision head"), candidates, "");
    }
    Hit hit = words.contains("inert") ? new Hit(corpus.getLast(), 0.5, 0.5) : candidates.getFirst();
    return new Output.RetrievedImage(
        hit, new Decision(Choice.RETRIEVE, 0.83, forced, "decision head"), candidates, "");
  }

  private void hold() {
    try {
      if (!mayGoOn.await(60, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the test did not go on");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void slow(Consumer<? super Output.TextDelta> sink, Cancellation cancellation) {
    sink.accept(new Output.TextDelta("Thinking "));
    slowBegan.countDown();
    CountDownLatch never = new CountDownLatch(1);
    while (!cancellation.isCancelled()) {
      try {
        if (never.await(20, TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException _) {
        return;
      }
    }
    slowCancelled.countDown();
  }

  @Override
  public LookupResult lookup(
      Turn turn, Consumer<Output.Progress> progress, Cancellation cancellation) {
    turns.add(turn);
    String words = words(turn);
    refuseOnce(words);
    if (words.contains("full") || words.contains("broken")) {
      throw failure;
    }
    if (words.contains("midway") && turns.size() > 1) {
      throw failure;
    }
    if (words.contains("slow") || (words.contains("linger") && turn.generation().seed() % 2 == 1)) {
      slow(_ -> {}, cancellation);
    }
    Output image = image(turn, words, progress);
    Decision decision =
        switch (image) {
          case Output.RetrievedImage it -> it.decision();
          case Output.GeneratedImage it -> it.decision();
          case Output.NoImage it -> it.decision();
          case Output.TextDelta _, Output.Progress _, Output.Finished _ ->
              throw new IllegalStateException();
        };
    return new LookupResult(
        decision, image, hits(turn.k()), new StageTimings(Map.of("language_model", 55.25)));
  }

  @Override
  public SearchAnswer search(SearchRequest request) {
    searches.add(request);
    if (request.parts().getFirst() instanceof QueryPart.Words words
        && words.text().contains("broken")) {
      throw failure;
    }
    return ScriptedSearch.answer(request, hits(corpus.size()));
  }

  @Override
  public Hits search(UnitVector clip, int limit) {
    return new Hits(hits(limit));
  }

  @Override
  public UnitVector embed(String text) {
    return UnitVector.normalise(new float[] {text.length(), 1, 2, 3});
  }

  @Override
  public UnitVector embed(Pixels image) {
    return UnitVector.normalise(new float[] {image.width(), image.height(), 2, 3});
  }

  @Override
  public Optional<ImageRecord> image(ImageId id) {
    return corpus.stream().filter(image -> image.id().equals(id)).findFirst();
  }

  @Override
  public Optional<Path> imageFile(ImageRecord image) {
    return Optional.of(folder.resolve(image.location())).filter(Files::exists);
  }

  @Override
  public Optional<ImageId> keep(String generated, Path target) {
    return generated(generated).map(it -> new ImageId("kept/" + it.id()));
  }

  @Override
  public Optional<GeneratedPicture> generated(String id) {
    return Optional.of(picture).filter(it -> it.id().equals(id));
  }
}
