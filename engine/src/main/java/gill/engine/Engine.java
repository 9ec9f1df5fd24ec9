package gill.engine;

import gill.engine.dialogue.Dialogue;
import gill.engine.dialogue.DialogueLimits;
import gill.engine.dialogue.IndexFitting;
import gill.engine.dialogue.PictureCache;
import gill.engine.dialogue.PictureKeeper;
import gill.engine.dialogue.Stages;
import gill.engine.fault.IndexException;
import gill.engine.flow.CalibrationReport;
import gill.engine.flow.Cancellation;
import gill.engine.flow.DecisionLabel;
import gill.engine.flow.GeneratedPicture;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.IndexCalibration;
import gill.engine.flow.LookupResult;
import gill.engine.flow.Message;
import gill.engine.flow.Output;
import gill.engine.flow.Pixels;
import gill.engine.flow.PromptPart;
import gill.engine.flow.QueryKind;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.SearchAnswer;
import gill.engine.flow.SearchRequest;
import gill.engine.flow.Turn;
import gill.engine.flow.UnitVector;
import gill.engine.retrieval.BundleStamp;
import gill.engine.retrieval.CommitWatch;
import gill.engine.retrieval.CorpusSearch;
import gill.engine.retrieval.ImageIndexWriter;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.QueryEncoders;
import gill.engine.retrieval.SearchBackend;
import gill.engine.retrieval.solr.SolrFolder;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.BundleManifest;
import gill.engine.runtime.InferenceGate;
import gill.engine.runtime.ModelOptions;
import gill.engine.vision.VisualEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The whole of GILL behind one door: a model bundle and an index of images, opened together.
///
/// Safe for use by many threads: answers wait behind one bounded gate, searches behind another, so
/// that a search does not wait for a picture to be drawn. A full gate refuses with
/// [gill.engine.fault.InferenceException]. A new commit of the index is found within seconds. Close
/// it to free native memory.
public final class Engine implements AutoCloseable {
  /// A kilobyte each.
  private static final int MOST_TEXTS = 1000;

  private static final Duration LOOK_FOR_COMMITS = Duration.ofSeconds(1);

  private final Bundle bundle;
  private final EngineOptions options;
  private final SearchBackend corpus;
  private final Path index;
  private final @Nullable LuceneBackend folder;
  private final @Nullable CommitWatch watch;
  private final Stages stages;
  private final Dialogue dialogue;
  private final PictureCache pictures;
  private final PictureKeeper keeper;
  private final InferenceGate answers;
  private final InferenceGate searches;
  private final RecentVectors texts;

  private Engine(
      Bundle bundle,
      Path index,
      SearchBackend corpus,
      EngineOptions options,
      PictureCache pictures) {
    this.bundle = bundle;
    this.index = index;
    this.options = options;
    this.corpus = corpus;
    this.stages = Stages.of(bundle);
    this.pictures = pictures;
    this.keeper = new PictureKeeper(stages, index, corpus.header().bundle());
    this.dialogue =
        new Dialogue(
            stages,
            bundle.manifest(),
            corpus,
            pictures,
            options.imageCacheBytes(),
            DialogueLimits.DEFAULT);
    this.answers = new InferenceGate(1, options.queueLimit());
    this.searches = new InferenceGate(1, options.queueLimit());
    this.texts =
        new RecentVectors(
            MOST_TEXTS, text -> searches.call(() -> stages.textEncoder().embed(text)));
    this.folder = corpus instanceof LuceneBackend lucene ? lucene : null;
    this.watch = folder == null ? null : CommitWatch.of(folder, LOOK_FOR_COMMITS);
  }

  /// Opens a bundle and an index made by the same vision model and preprocessing, and loads all
  /// models.
  ///
  /// Throws [gill.engine.fault.BundleException] listing all faults of the bundle, or
  /// [gill.engine.fault.IndexException] if the index is missing, broken or of another bundle.
  ///
  /// @param index the folder of an index, or one that stands for a Solr collection ([SolrFolder])
  public static Engine open(Path bundle, Path index, EngineOptions options) {
    return open(bundle, index, options, new PictureCache(options.imageCacheBytes()));
  }

  /// Opens another bundle or index beside this engine, which stays as it is: same options, and the
  /// pictures generated lately are known to both. Throws as [#open].
  public Engine openOther(Path otherBundle, Path otherIndex) {
    return open(otherBundle, otherIndex, options, pictures);
  }

  private static Engine open(
      Path bundle, Path index, EngineOptions options, PictureCache pictures) {
    Bundle opened = Bundle.open(bundle, new ModelOptions(options.threads()));
    try {
      BundleManifest manifest = opened.manifest();
      SearchBackend corpus =
          SolrFolder.open(
              index,
              new BundleStamp(manifest.name(), manifest.version(), opened.fingerprint()),
              opened.relevance());
      try {
        return new Engine(opened, index, corpus, options, pictures);
      } catch (RuntimeException e) {
        corpus.close();
        throw e;
      }
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  public EngineInfo info() {
    BundleManifest manifest = bundle.manifest();
    return new EngineInfo(
        manifest.name(),
        manifest.version(),
        bundle.fingerprint(),
        corpus.size(),
        manifest.diffusion().imageSize(),
        corpus.state());
  }

  /// What the bundle's replies were tuned with: the defaults of a request that says nothing else.
  public SamplingOptions defaultSampling() {
    return bundle.manifest().languageModel().sampling();
  }

  /// Answers one turn of a dialogue. Outputs go to `sink` as they are made, one at a time, on a
  /// thread of the engine, ending with [Output.Finished]; a slow sink slows the answer down.
  ///
  /// Throws [IllegalArgumentException] if the turn breaks a limit,
  /// [gill.engine.fault.InferenceException] if too many wait or the prompt does not fit the model's
  /// context.
  public void reply(Turn turn, Consumer<Output> sink, Cancellation cancellation) {
    answers.call(() -> {
      dialogue.reply(turn, sink, cancellation);
      return true;
    });
  }

  /// Answers a turn with one image and no text: the prompt and the r [IMG] tokens pass the model
  /// once (paper §3.3). Throws as [#reply].
  public LookupResult lookup(
      Turn turn, Consumer<Output.Progress> progress, Cancellation cancellation) {
    return answers.call(() -> dialogue.lookup(turn, progress, cancellation));
  }

  /// Text → image search in CLIP space.
  public Hits search(String text, int limit, Set<ImageId> excluded) {
    UnitVector vector = embed(text);
    return corpus.search(new RetrievalQuery(QueryKind.TEXT, vector, limit, excluded));
  }

  /// Image → image search in CLIP space.
  public Hits search(Pixels image, int limit, Set<ImageId> excluded) {
    UnitVector vector = embed(image);
    return corpus.search(new RetrievalQuery(QueryKind.IMAGE, vector, limit, excluded));
  }

  /// Vector → image search in CLIP space; throws [IllegalArgumentException] if the vector's
  /// dimension is not that of [#embed].
  public Hits search(UnitVector clip, int limit, Set<ImageId> excluded) {
    return corpus.search(new RetrievalQuery(QueryKind.COMPOSED, clip, limit, excluded));
  }

  /// The CLIP embedding of a text; a text longer than the tower reads is cut.
  public UnitVector embed(String text) {
    return texts.of(text);
  }

  /// The CLIP embedding of an image, in the space of [#embed(String)].
  public UnitVector embed(Pixels image) {
    VisualEncoder encoder = stages.visualEncoder();
    return searches.call(() -> encoder.clipEmbedding(encoder.pooled(image)));
  }

  /// Finds images of the corpus by texts, pictures, stored images and vectors, by words, under
  /// filters, page by page. Throws [gill.engine.fault.QueryException] if the request does not fit
  /// this index, [gill.engine.fault.InferenceException] if too many wait.
  public SearchAnswer search(SearchRequest request) {
    return new CorpusSearch(corpus)
        .search(request, new QueryEncoders(this::embed, this::embed, this::imgQuery));
  }

  /// GILL's [IMG] query of a conversation, in the index's GILL space: what its last message asks to
  /// see (paper §3.2). The prompt and the r [IMG] tokens pass the model once. Throws as [#lookup].
  public UnitVector imgQuery(List<Message> conversation) {
    return answers.call(() -> dialogue.imgQuery(conversation));
  }

  /// What is fitted to the index and holds under this bundle.
  public IndexCalibration calibration() {
    return corpus.calibration();
  }

  /// Fits relevance and decision to the index by its own captions and commits what came of it;
  /// takes some hundred lookups. Throws [gill.engine.fault.IndexException] if another writer is at
  /// work.
  ///
  /// @param feedback what users said about earlier answers of this bundle
  public CalibrationReport calibrate(List<DecisionLabel> feedback) {
    requireFolder("be fitted");
    IndexFitting fitting =
        new IndexFitting(
            stages,
            corpus,
            bundle.relevance(),
            request ->
                answers.call(() ->
                    dialogue.imgTokens(
                        List.of(
                            new Message(
                                Message.Role.USER, List.of(new PromptPart.TextPart(request)))))));
    CalibrationReport relevance = fitting.relevance();
    store(relevance.calibration());
    CalibrationReport decision = fitting.decision(feedback);
    store(decision.calibration());
    return new CalibrationReport(decision.calibration(), relevance.match(), decision.decision());
  }

  private void store(IndexCalibration fitted) {
    try (ImageIndexWriter writer =
        ImageIndexWriter.update(requireFolder("be fitted").index(), corpus.header().bundle())) {
      writer.calibrate(fitted);
      writer.save();
    }
    requireFolder("be fitted").refresh();
  }

  private LuceneBackend requireFolder(String what) {
    LuceneBackend lucene = folder;
    if (lucene == null) {
      throw new IndexException(
          "a corpus on Solr cannot "
              + what
              + " from here. Do it to the index folder that it was pushed from, then push again:"
              + " ./gill corpus push");
    }
    return lucene;
  }

  /// What is known of a corpus image.
  public Optional<ImageRecord> image(ImageId id) {
    return corpus.find(id);
  }

  /// The image file of a corpus image; empty if it is gone from the disk.
  public Optional<Path> imageFile(ImageRecord image) {
    Path file = corpus.imageRoot().resolve(image.location());
    return Files.isReadable(file) ? Optional.of(file) : Optional.empty();
  }

  /// A picture generated lately, by its content address; empty once it has left the cache.
  public Optional<GeneratedPicture> generated(String id) {
    return pictures.get(id);
  }

  /// Indexes a picture generated lately as source `generated`, so that it is found like any other;
  /// its file goes into `folder`. Returns its id in the index; empty if it has left the cache or
  /// the takedown list forbids it. Throws [gill.engine.fault.IndexException] if another writer is
  /// at work or the disk is full; the index is then as it was.
  public Optional<ImageId> keep(String generated, Path folder) {
    LuceneBackend lucene = requireFolder("keep pictures");
    Optional<GeneratedPicture> picture = pictures.get(generated);
    Optional<ImageId> kept =
        picture.flatMap(it -> keeper.keep(it, searches.call(() -> keeper.row(it, folder)), folder));
    if (kept.isPresent()) {
      lucene.refresh();
    }
    return kept;
  }

  /// Requests that wait for the models now.
  public int waiting() {
    return answers.waiting() + searches.waiting();
  }

  @Override
  public void close() {
    answers.close();
    searches.close();
    if (watch != null) {
      watch.close();
    }
    corpus.close();
    bundle.close();
  }
}
