package gill.engine.dialogue;

import gill.engine.dialogue.DraftComposer.Composed;
import gill.engine.dialogue.Painter.Motif;
import gill.engine.fault.InferenceException;
import gill.engine.flow.Cancellation;
import gill.engine.flow.Decision;
import gill.engine.flow.GeneratedPicture;
import gill.engine.flow.Hit;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImgSpan;
import gill.engine.flow.Output;
import gill.engine.flow.Turn;
import gill.engine.flow.UnitVector;
import gill.engine.retrieval.SearchBackend;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// From an [ImgSpan] to an image: look it up, decide, and only if the decision says so generate
/// (paper §3.3; the original code runs the generator either way).
///
/// Nothing to retrieve → it generates. Generation that fails, or whose picture is not to be trusted
/// → the nearest corpus image, and the answer says so.
final class Illustrator {
  private static final Logger LOG = LoggerFactory.getLogger(Illustrator.class);

  /// Enough for the decision's features, which look at ten, and for two searches to meet.
  private static final int SEARCHED = 50;

  private final Stages stages;
  private final SearchBackend corpus;
  private final VisualMemory visualMemory;
  private final Painter painter;
  private final DraftComposer composer;
  private final PictureCache pictures;
  private final double minConfidence;

  Illustrator(
      Stages stages,
      SearchBackend corpus,
      VisualMemory visualMemory,
      Painter painter,
      DraftComposer composer,
      PictureCache pictures,
      double minConfidence) {
    this.stages = stages;
    this.corpus = corpus;
    this.visualMemory = visualMemory;
    this.painter = painter;
    this.composer = composer;
    this.pictures = pictures;
    this.minConfidence = minConfidence;
  }

  /// What a turn asks of its images, and who listens.
  ///
  /// @param request the words that asked, for text evidence and for the picture's record
  record Order(
      Turn turn,
      String request,
      StageTimer timer,
      Consumer<Output.Progress> progress,
      Cancellation cancellation) {
    /// Whether the words of the turn may lean on what was said or shown before.
    boolean inContext() {
      return !Wish.pictures(turn).isEmpty() || !turn.history().isEmpty();
    }
  }

  /// What an image request came to.
  ///
  /// @param candidates the best k hits, best first
  record Illustration(Decision decision, Output output, List<Hit> candidates) {}

  /// @param excluded corpus images not to show
  Illustration illustrate(ImgSpan span, Order order, Set<ImageId> excluded) {
    StageTimer timer = order.timer();
    Wish wish = wish(span, order);
    CorpusLook look = timer.time("search", () -> look(wish, order.turn().k(), excluded));
    Hits shown = likely(look.shown(), order.turn().minPMatch());
    Decision decision =
        timer.time(
            "decision",
            () ->
                stages
                    .decider()
                    .decide(
                        span,
                        shown,
                        look.evidence(),
                        corpus.calibration().decision(),
                        order.turn().imageMode(),
                        order.turn().decisionThreshold()));
    List<Hit> candidates = first(order.turn().k(), shown);
    Output output =
        switch (decision.choice()) {
          case RETRIEVE, EITHER -> retrieved(decision, candidates, "");
          case GENERATE -> generated(motif(span, wish, order, shown), order, decision, candidates);
          case NONE -> new Output.NoImage(decision, candidates, decision.reason());
        };
    return new Illustration(decision, output, candidates);
  }

  /// What the turn asks of the corpus.
  private Wish wish(ImgSpan span, Order order) {
    StageTimer timer = order.timer();
    UnitVector query = timer.time("retrieval_head", () -> stages.retrievalHead().query(span));
    UnitVector words =
        order.request().isBlank()
            ? null
            : timer.time("text_encoder", () -> stages.textEncoder().embed(order.request()));
    Turn turn = order.turn();
    return new Wish(
        order.request(),
        Wish.earlier(turn),
        !turn.history().isEmpty(),
        query,
        words,
        visualMemory.clip(Wish.pictures(turn)).orElse(null));
  }

  private CorpusLook look(Wish wish, int k, Set<ImageId> excluded) {
    return corpus.read(view -> CorpusLook.of(view, wish, Math.max(k, SEARCHED), excluded));
  }

  /// What the corpus has for a turn whose [IMG] tokens are known.
  CorpusLook look(ImgSpan span, Order order, Set<ImageId> excluded) {
    return look(wish(span, order), order.turn().k(), excluded);
  }

  private static Hits likely(Hits hits, double minPMatch) {
    return minPMatch == 0
        ? hits
        : new Hits(hits.bestFirst().stream().filter(hit -> hit.pMatch() >= minPMatch).toList());
  }

  private static List<Hit> first(int k, Hits hits) {
    return hits.bestFirst().subList(0, Math.min(k, hits.bestFirst().size()));
  }

  private static Output retrieved(Decision decision, List<Hit> candidates, String note) {
    return candidates.isEmpty()
        ? new Output.NoImage(
            decision, candidates, note.isEmpty() ? "The corpus has no image to show." : note)
        : new Output.RetrievedImage(candidates.getFirst(), decision, candidates, note);
  }

  /// What is to be drawn, and what the corpus has for the generator to lean on. Where the request
  /// stands in a conversation and names nothing itself ("and now in blue"), that is what the whole
  /// conversation asks for.
  private Motif motif(ImgSpan span, Wish wish, Order order, Hits shown) {
    List<Hit> best = shown.bestFirst();
    boolean drafted = stages.diffusion().readsDrafts() && order.turn().generation().references();
    StageTimer timer = order.timer();
    Scene scene =
        timer.time("draft", () -> composer.scene(order.request(), best, order.inContext()));
    Optional<Composed> draft =
        drafted
            ? timer.time(
                "draft", () -> composer.compose(scene, order.inContext() ? best : List.of()))
            : Optional.empty();
    return new Motif(
        span, wish.query(), wish.ofWords(), scene, draft.orElse(null), order.request());
  }

  private Output generated(Motif motif, Order order, Decision decision, List<Hit> candidates) {
    Optional<GeneratedPicture> painted;
    try {
      painted =
          painter.paint(
              motif,
              order.turn().generation(),
              order.timer(),
              order.progress(),
              order.cancellation());
    } catch (InferenceException e) {
      LOG.warn("generation failed, offering the nearest image: {}", e.getMessage());
      return retrieved(
          decision,
          candidates,
          "A new picture could not be drawn; this is the nearest image of the corpus.");
    }
    if (painted.isEmpty()) {
      return new Output.NoImage(decision, candidates, "The generation was cancelled.");
    }
    GeneratedPicture picture = painted.get();
    pictures.put(picture);
    boolean trusted = picture.confidence() >= minConfidence;
    if (trusted || decision.forced() || candidates.isEmpty()) {
      return new Output.GeneratedImage(
          picture,
          decision,
          candidates,
          trusted ? "" : "This picture may not show what was asked for.");
    }
    return retrieved(
        decision,
        candidates,
        "The corpus has nothing that fits well, and a new picture did not come out well enough to"
            + " show; this is the nearest image of the corpus.");
  }
}
