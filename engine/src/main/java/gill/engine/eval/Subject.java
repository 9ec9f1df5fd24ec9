package gill.engine.eval;

import gill.engine.dialogue.Dialogue;
import gill.engine.dialogue.DialogueLimits;
import gill.engine.dialogue.PictureCache;
import gill.engine.dialogue.Stages;
import gill.engine.eval.Judge.Sight;
import gill.engine.flow.Filter;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.ImgSpan;
import gill.engine.flow.Matrix;
import gill.engine.flow.Message;
import gill.engine.flow.Pixels;
import gill.engine.flow.Relevance;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.retrieval.BundleStamp;
import gill.engine.retrieval.CorpusSearch;
import gill.engine.retrieval.QueryEncoders;
import gill.engine.retrieval.SearchBackend;
import gill.engine.retrieval.solr.SolrFolder;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.BundleManifest;
import gill.engine.runtime.ModelOptions;
import gill.engine.runtime.Sha256;
import gill.engine.vision.ImageLimits;
import gill.engine.vision.ImageReader;
import gill.engine.vision.ReadResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is evaluated: a bundle and an index with every stage at hand, and the dialogue as it ships.
/// For one thread. Close it to free native memory.
public final class Subject implements AutoCloseable {
  /// Hits asked for: enough for two searches to meet.
  static final int DEPTH = 50;

  private static final long CACHE_BYTES = 64L << 20;

  private final Bundle bundle;
  private final SearchBackend corpus;
  private final Stages stages;
  private final Dialogue dialogue;
  private final @Nullable Judge judge;
  private final Map<String, Sight> sights = new HashMap<>();
  private final Map<String, UnitVector> texts = new HashMap<>();
  private final Map<Pixels, Matrix> visualTokens = new HashMap<>();

  private Subject(Bundle bundle, SearchBackend corpus, @Nullable Judge judge) {
    this.bundle = bundle;
    this.corpus = corpus;
    this.judge = judge;
    this.stages = Stages.of(bundle);
    this.dialogue =
        new Dialogue(
            stages,
            bundle.manifest(),
            corpus,
            new PictureCache(CACHE_BYTES),
            CACHE_BYTES,
            DialogueLimits.DEFAULT);
  }

  /// Opens a bundle and an index made by it; throws as [gill.engine.Engine#open].
  ///
  /// @param data the evaluation's folder, where the judge of pictures lies; without one, what needs
  ///   it is not measured
  /// @param threads native threads per model call; 0 = all cores
  public static Subject open(Path bundle, Path index, Path data, int threads) {
    Bundle opened = Bundle.open(bundle, new ModelOptions(threads));
    try {
      BundleManifest manifest = opened.manifest();
      return new Subject(
          opened,
          SolrFolder.open(
              index,
              new BundleStamp(manifest.name(), manifest.version(), opened.fingerprint()),
              Relevance.UNKNOWN),
          Judge.open(data, threads).orElse(null));
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /// A digest of every file of the bundle that answers depend on.
  String contents() {
    StringBuilder lines = new StringBuilder();
    manifest().files().stream()
        .filter(file -> !file.path().endsWith(".md"))
        .forEach(file -> lines.append(file.path()).append(' ').append(file.sha256()).append('\n'));
    return Sha256.of(lines.toString());
  }

  /// What the training measured of its own parts, if it did.
  Path ablations() {
    return bundle.folder().resolve("metrics/ablations.json");
  }

  /// What a report says of the bundle and the index.
  public Map<String, String> facts() {
    return Map.of(
        "bundle",
        "%s %s, contents %s, fingerprint %s"
            .formatted(
                manifest().name(),
                manifest().version(),
                contents().substring(0, 12),
                bundle.fingerprint().substring(0, 12)),
        "index",
        "%d images, made with fingerprint %s"
            .formatted(corpus.size(), corpus.fingerprint().substring(0, 12)));
  }

  BundleManifest manifest() {
    return bundle.manifest();
  }

  SearchBackend corpus() {
    return corpus;
  }

  CorpusSearch search() {
    return new CorpusSearch(corpus);
  }

  Stages stages() {
    return stages;
  }

  Dialogue dialogue() {
    return dialogue;
  }

  QueryEncoders encoders() {
    return new QueryEncoders(this::embed, this::embed, this::query);
  }

  /// The CLIP embedding of a text; each text is encoded once.
  UnitVector embed(String text) {
    return texts.computeIfAbsent(text, stages.textEncoder()::embed);
  }

  UnitVector embed(Pixels picture) {
    return stages.visualEncoder().clipEmbedding(stages.visualEncoder().pooled(picture));
  }

  /// The images nearest to a vector.
  Hits nearest(VectorField field, UnitVector vector, Set<ImageId> excluded, Filter filter) {
    return corpus.search(new RetrievalQuery(field, vector, DEPTH, excluded, filter));
  }

  /// Best first.
  static List<String> ids(Hits hits) {
    return hits.bestFirst().stream().map(hit -> hit.id().value()).toList();
  }

  /// What the language model asks for after a conversation: one forward pass over it and the [IMG]
  /// tokens.
  ImgSpan span(List<Message> messages) {
    return stages
        .decoder()
        .lookup(
            stages
                .chatTemplate()
                .segments(
                    messages,
                    picture ->
                        visualTokens.computeIfAbsent(
                            picture,
                            it ->
                                stages
                                    .visualEncoder()
                                    .visualTokens(stages.visualEncoder().pooled(it)))));
  }

  /// The [IMG] query of a conversation.
  UnitVector query(List<Message> messages) {
    return stages.retrievalHead().query(span(messages));
  }

  Optional<Judge> judge() {
    return Optional.ofNullable(judge);
  }

  /// How alike two images of the index are to the judge; empty without one.
  Optional<Double> likeness(String one, String other) {
    return sight(one).flatMap(it -> sight(other).map(it::likeness));
  }

  /// What the judge sees in an image of the index; empty without a judge.
  Optional<Sight> sight(String id) {
    Judge eyes = judge;
    return eyes == null
        ? Optional.empty()
        : Optional.of(sights.computeIfAbsent(id, it -> eyes.look(pixels(it))));
  }

  ImageRecord image(String id) {
    return corpus
        .find(new ImageId(id))
        .orElseThrow(() ->
            new IllegalArgumentException(
                "the index holds no image '"
                    + id
                    + "' that the cases name; index the default corpus, or write the cases again"));
  }

  /// The pixels of an image of the index.
  Pixels pixels(String id) {
    Path file = corpus.imageRoot().resolve(image(id).location());
    return read(file);
  }

  static Pixels read(Path file) {
    try {
      return switch (ImageReader.read(file, ImageLimits.DEFAULT)) {
        case ReadResult.Decoded(Pixels pixels, _) -> pixels;
        case ReadResult.Rejected rejected -> throw new IOException(rejected.message());
      };
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the picture " + file, e);
    }
  }

  @Override
  public void close() {
    if (judge != null) {
      judge.close();
    }
    corpus.close();
    bundle.close();
  }
}
