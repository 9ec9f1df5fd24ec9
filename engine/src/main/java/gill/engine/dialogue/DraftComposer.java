package gill.engine.dialogue;

import gill.engine.dialogue.ScenePlan.Slot;
import gill.engine.diffusion.Draft;
import gill.engine.flow.Hit;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.Pixels;
import gill.engine.flow.QueryKind;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.retrieval.SearchBackend;
import gill.engine.retrieval.TextHit;
import gill.engine.runtime.BundleManifest.DiffusionSpec;
import gill.engine.vision.ImageLimits;
import gill.engine.vision.ImageReader;
import gill.engine.vision.PlainGround;
import gill.engine.vision.ReadResult;
import gill.engine.vision.TextEncoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lays out what the corpus has of a request's things, for the generator to lean on: retrieval
/// feeds generation.
///
/// Every thing of the [ScenePlan] is looked up by its words and by the text tower. Things that the
/// corpus does not have stay empty; with none there is no draft. Safe for use by many threads.
public final class DraftComposer {
  private static final Logger LOG = LoggerFactory.getLogger(DraftComposer.class);

  /// Hits looked at for every thing and search.
  private static final int SEARCHED = 40;

  /// What a hit must reach: its name says the thing, or the text tower is nearly sure of it.
  private static final double ENOUGH = 0.7;

  /// What it is worth that the thing's words hold the image's name: a sandwich for a cheese
  /// sandwich.
  private static final double PART_NAMED = 0.72;

  /// Images whose names are looked for in a request.
  private static final int NAMED = 200;

  /// What it is worth that all things are drawn in one style.
  private static final double ONE_STYLE = 0.1;

  /// What it is worth that the generator knows the style.
  private static final double SUITED = 0.4;

  private static final int TRIED = 4;

  private final TextEncoder words;
  private final SearchBackend corpus;
  private final int side;
  private final List<String> suited;

  public DraftComposer(TextEncoder words, SearchBackend corpus, DiffusionSpec spec) {
    this.words = words;
    this.corpus = corpus;
    this.side = spec.imageSize();
    this.suited = spec.draftSources();
  }

  /// A draft and the images in it, each once.
  public record Composed(Draft draft, List<ImageRecord> references) {
    public Composed {
      references = List.copyOf(references);
    }
  }

  /// How well an image would do for a thing.
  private record Candidate(ImageRecord image, double score) {}

  /// The draft for a request; empty if the corpus has none of its things.
  ///
  /// @param shown the best hits for the whole conversation
  /// @param inContext whether the best of them is used where the request itself names nothing that
  ///   is found; no if the request is all there is
  public Optional<Composed> compose(String request, List<Hit> shown, boolean inContext) {
    return compose(scene(request, shown, inContext), inContext ? shown : List.of());
  }

  /// What the request names, as [#compose(String, List, boolean)] sees it.
  Scene scene(String request, List<Hit> shown, boolean inContext) {
    List<ImageRecord> near = new ArrayList<>(shown.stream().map(Hit::image).toList());
    corpus.searchText(request, NAMED, Set.of()).forEach(hit -> near.add(hit.image()));
    return Scene.of(
        request, near, inContext ? shown.stream().map(Hit::image).findFirst() : Optional.empty());
  }

  /// @param inContext used where the scene names nothing that is found
  Optional<Composed> compose(Scene scene, List<Hit> inContext) {
    String request = scene.text();
    ScenePlan whole = ScenePlan.single(request);
    if (whole.slots().size() == 1) {
      Slot slot = whole.slots().getFirst();
      List<Candidate> named = candidates(slot).stream().filter(c -> c.score() >= 1).toList();
      if (!named.isEmpty()) {
        return draw(whole, Map.of(slot.phrase(), named));
      }
    }
    ScenePlan plan = ScenePlan.of(request);
    Map<String, List<Candidate>> found = new LinkedHashMap<>();
    for (Slot slot : plan.slots()) {
      found.computeIfAbsent(slot.phrase(), _ -> candidates(slot));
    }
    Optional<Composed> composed = draw(plan, found);
    if (composed.isPresent() || inContext.isEmpty()) {
      return composed;
    }
    ScenePlan one = new ScenePlan(List.of(new Slot("", "", 0, 0, 1)));
    return draw(one, Map.of("", List.of(new Candidate(inContext.getFirst().image(), 1))));
  }

  /// Best first; none that is probably something else.
  private List<Candidate> candidates(Slot slot) {
    UnitVector vector = words.embed(slot.thing());
    Map<ImageId, Candidate> found = new LinkedHashMap<>();
    RetrievalQuery nearest = new RetrievalQuery(QueryKind.TEXT, vector, SEARCHED, Set.of());
    for (Hit hit : corpus.search(nearest).bestFirst()) {
      found.put(hit.id(), new Candidate(hit.image(), hit.pMatch() + named(slot, hit.image())));
    }
    for (String text : List.of(slot.phrase(), slot.thing())) {
      for (TextHit hit : corpus.searchText(text, SEARCHED, Set.of())) {
        ImageRecord image = hit.image();
        found.computeIfAbsent(image.id(), _ -> new Candidate(image, named(slot, image)));
      }
    }
    return found.values().stream()
        .filter(candidate -> candidate.score() >= ENOUGH)
        .sorted(
            Comparator.comparingDouble(Candidate::score)
                .reversed()
                .thenComparing(candidate -> candidate.image().id()))
        .toList();
  }

  /// How well the image's own words name the thing; a little more if they say its colour too.
  private static double named(Slot slot, ImageRecord image) {
    Naming.Mention part = new Naming(slot.thing()).of(image);
    return Stream.of(
            Nouns.named(slot.phrase(), image.caption(), image.keywords()) * 1.05,
            Nouns.named(slot.thing(), image.caption(), image.keywords()),
            part.caption() ? PART_NAMED + 0.01 * part.words() : 0)
        .max(Double::compare)
        .orElse(0.0);
  }

  private Optional<Composed> draw(ScenePlan plan, Map<String, List<Candidate>> found) {
    Map<String, List<Candidate>> ordered = inOneStyle(found);
    DraftCanvas canvas = new DraftCanvas(side);
    Map<ImageId, ImageRecord> used = new LinkedHashMap<>();
    Map<String, Optional<Candidate>> chosen = new LinkedHashMap<>();
    for (Slot slot : plan.slots()) {
      Optional<Candidate> candidate =
          chosen.computeIfAbsent(
              slot.phrase(),
              phrase ->
                  ordered.getOrDefault(phrase, List.of()).stream()
                      .limit(TRIED)
                      .filter(c -> picture(c.image(), side).isPresent())
                      .findFirst());
      candidate.ifPresent(c -> {
        int size = (int) Math.floor(slot.side() * side);
        picture(c.image(), size)
            .ifPresent(pixels ->
                canvas.put(
                    pixels,
                    (int) Math.floor(slot.left() * side),
                    (int) Math.floor(slot.top() * side)));
        used.put(c.image().id(), c.image());
      });
    }
    return used.isEmpty()
        ? Optional.empty()
        : Optional.of(new Composed(canvas.draft(), List.copyOf(used.values())));
  }

  /// Every thing's candidates, those of the source first that does best for all things together.
  private Map<String, List<Candidate>> inOneStyle(Map<String, List<Candidate>> found) {
    Stream<String> sources =
        found.values().stream().flatMap(List::stream).map(c -> c.image().source()).distinct();
    String best =
        sources
            .sorted()
            .max(
                Comparator.comparingDouble(source ->
                    found.values().stream()
                        .mapToDouble(candidates ->
                            candidates.stream().mapToDouble(c -> worth(c, source)).max().orElse(0))
                        .sum()))
            .orElse("");
    Map<String, List<Candidate>> ordered = new LinkedHashMap<>();
    found.forEach((phrase, candidates) -> {
      List<Candidate> sorted = new ArrayList<>(candidates);
      sorted.sort(Comparator.comparingDouble((Candidate c) -> -worth(c, best)));
      ordered.put(phrase, sorted);
    });
    return ordered;
  }

  private double worth(Candidate candidate, String source) {
    String its = candidate.image().source();
    return candidate.score()
        + (its.equals(source) ? ONE_STYLE : 0)
        + (suited.contains(its) ? SUITED : 0);
  }

  private Optional<Pixels> picture(ImageRecord image, int size) {
    try {
      ReadResult read =
          ImageReader.read(corpus.imageRoot().resolve(image.location()), ImageLimits.DEFAULT);
      return read instanceof ReadResult.Decoded(Pixels pixels, var _)
          ? PlainGround.square(pixels, size)
          : Optional.empty();
    } catch (IOException e) {
      LOG.warn("{} cannot be used for a draft: {}", image.id(), e.toString());
      return Optional.empty();
    }
  }
}
