package gill.engine.runtime;

import gill.engine.fault.BundleException;
import gill.engine.fault.InferenceException;
import gill.engine.flow.QueryKind;
import gill.engine.flow.Relevance;
import gill.engine.runtime.BundleManifest.FileEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// A model bundle on disk, checked against its manifest, whose models are loaded when first asked
/// for.
///
/// The format is docs/model-bundle-format.md. Safe for use by many threads. Closing the bundle
/// closes every model, tokenizer and language model it handed out.
public final class Bundle implements AutoCloseable {
  /// The files that decide what an index holds, in the order of the fingerprint.
  private static final List<String> FINGERPRINTED =
      List.of(
          "vision_encoder/model.onnx",
          "vision_encoder/weights.bin",
          "vision_encoder/projection.onnx",
          "vision_encoder/preprocessor_config.json",
          "gill/retrieval_image.onnx");

  /// What makes the queries in CLIP space out of texts.
  private static final List<String> TEXT_QUERIES =
      List.of(
          "text_encoder/model.onnx",
          "text_encoder/tokenizer.json",
          "text_encoder/text_projection.onnx");

  /// What makes the [IMG] queries.
  private static final List<String> IMG_QUERIES =
      List.of(
          "language_model/model.onnx",
          "language_model/weights.bin",
          "language_model/tokenizer.json",
          "gill/img_tokens.safetensors",
          "gill/retrieval_text.onnx");

  /// The files beside the graphs without which nothing works.
  private static final List<String> REQUIRED =
      List.of(
          "language_model/tokenizer.json",
          "text_encoder/tokenizer.json",
          "vision_encoder/preprocessor_config.json",
          "scheduler/scheduler_config.json",
          "gill/img_tokens.safetensors");

  private final Path folder;
  private final BundleManifest manifest;
  private final ModelOptions options;
  private final Map<String, FutureTask<AutoCloseable>> open = new LinkedHashMap<>();
  private boolean closed;

  private Bundle(Path folder, BundleManifest manifest, ModelOptions options) {
    this.folder = folder;
    this.manifest = manifest;
    this.options = options;
  }

  public static Bundle open(Path folder) {
    return open(folder, ModelOptions.DEFAULT);
  }

  /// Reads the manifest and checks every file and every graph's inputs and outputs. Large files
  /// that have not changed since they were last found right are not hashed again. Throws
  /// [BundleException] listing all faults.
  public static Bundle open(Path folder, ModelOptions options) {
    return checked(folder, options, false);
  }

  /// As [#open], but hashes every byte and loads nothing.
  public static BundleManifest verify(Path folder) {
    try (Bundle bundle = checked(folder, ModelOptions.DEFAULT, true)) {
      return bundle.manifest();
    }
  }

  private static Bundle checked(Path folder, ModelOptions options, boolean everything) {
    BundleManifest manifest = ManifestReader.read(folder);
    List<String> faults =
        new ArrayList<>(new BundleFiles(folder, manifest.files()).faults(everything));
    Map<String, FileEntry> entries = entries(manifest);
    GraphContract contract = new GraphContract(manifest);
    for (String required : REQUIRED) {
      requireListed(required, entries.keySet(), faults);
    }
    for (String graph : contract.files()) {
      requireListed(graph, entries.keySet(), faults);
      faults.addAll(graphFaults(folder, graph, contract));
    }
    faults.addAll(imgTokenFaults(folder, manifest));
    String fingerprint = digest(FINGERPRINTED, entries);
    if (!fingerprint.equals(manifest.fingerprint())) {
      faults.add(
          "fingerprint must be " + fingerprint + " for these files, is " + manifest.fingerprint());
    }
    if (!faults.isEmpty()) {
      throw new BundleException("the bundle " + folder + " does not fit its manifest", faults);
    }
    return new Bundle(folder, manifest, options);
  }

  private static Map<String, FileEntry> entries(BundleManifest manifest) {
    return manifest.files().stream()
        .collect(Collectors.toMap(FileEntry::path, Function.identity(), (a, _) -> a));
  }

  private static void requireListed(String file, Set<String> listed, List<String> faults) {
    if (!listed.contains(file)) {
      faults.add(file + " is not listed in bundle.json's files");
    }
  }

  private static List<String> graphFaults(Path folder, String graph, GraphContract contract) {
    Path file = folder.resolve(graph);
    if (!Files.isRegularFile(file)) {
      return List.of(); // reported as a missing file
    }
    try {
      return contract.faults(graph, OnnxSignature.read(file));
    } catch (IOException e) {
      return List.of(graph + " is not a readable ONNX model: " + e.getMessage());
    }
  }

  private static List<String> imgTokenFaults(Path folder, BundleManifest manifest) {
    Path file = folder.resolve("gill/img_tokens.safetensors");
    if (!Files.isRegularFile(file)) {
      return List.of();
    }
    try {
      Map<String, FloatTensor> tensors = SafeTensors.read(file);
      long hidden = manifest.languageModel().hiddenSize();
      List<String> faults = new ArrayList<>();
      shapeFault(tensors, "input_embeddings", faults, manifest.gill().numImgTokens(), hidden);
      shapeFault(tensors, "output_embeddings", faults, 1, hidden);
      shapeFault(tensors, "output_bias", faults, 1);
      return faults;
    } catch (UncheckedIOException e) {
      return List.of(e.getMessage());
    }
  }

  private static void shapeFault(
      Map<String, FloatTensor> tensors, String name, List<String> faults, long... shape) {
    FloatTensor tensor = tensors.get(name);
    if (tensor == null || !Arrays.equals(tensor.shape(), shape)) {
      faults.add(
          "gill/img_tokens.safetensors: '"
              + name
              + "' must be f32 "
              + Arrays.toString(shape)
              + (tensor == null ? ", is missing" : ", is " + Arrays.toString(tensor.shape())));
    }
  }

  private static String digest(List<String> paths, Map<String, FileEntry> entries) {
    StringBuilder lines = new StringBuilder();
    for (String path : paths) {
      FileEntry entry = entries.get(path);
      if (entry != null) {
        lines.append(path).append(' ').append(entry.sha256()).append('\n');
      }
    }
    return Sha256.of(lines.toString());
  }

  public Path folder() {
    return folder;
  }

  public BundleManifest manifest() {
    return manifest;
  }

  /// Of the vision model and its preprocessing: an index made by another cannot be searched.
  public String fingerprint() {
    return manifest.fingerprint();
  }

  /// How this bundle reads an index's relevance. Its models' names change with the files that make
  /// queries, which the fingerprint leaves out.
  public Relevance relevance() {
    Map<String, FileEntry> entries = entries(manifest);
    String text = digest(TEXT_QUERIES, entries).substring(0, 16);
    String img = digest(IMG_QUERIES, entries).substring(0, 16);
    List<String> decision = new ArrayList<>(TEXT_QUERIES);
    decision.addAll(IMG_QUERIES);
    decision.add("gill/decision.onnx");
    return new Relevance(
        manifest.relevance(),
        Map.of(QueryKind.TEXT, text, QueryKind.COMPOSED, text, QueryKind.IMG, img),
        digest(decision, entries).substring(0, 16));
  }

  /// A file of the bundle, e.g. `vision_encoder/preprocessor_config.json`. Throws
  /// [IllegalArgumentException] if the manifest lists no such file.
  public Path file(String relative) {
    if (manifest.files().stream().noneMatch(f -> f.path().equals(relative))) {
      throw new IllegalArgumentException("the bundle " + folder + " lists no file " + relative);
    }
    return folder.resolve(relative);
  }

  /// The model of an ONNX file, loaded at the first call. Do not close it: the bundle does.
  public OnnxModel model(String relative) {
    return owned(relative, OnnxModel.class, () -> OnnxModel.load(file(relative), options));
  }

  /// The language model, loaded at the first call. Do not close it: the bundle does.
  public CausalLm languageModel() {
    return owned(
        "language_model",
        CausalLm.class,
        () -> CausalLm.load(file("language_model/model.onnx"), manifest.languageModel(), options));
  }

  /// The language model's tokenizer. Do not close it: the bundle does.
  public Tokenizer languageTokenizer() {
    String file = "language_model/tokenizer.json";
    return owned(file, Tokenizer.class, () -> Tokenizer.load(file(file)));
  }

  /// The text encoder's tokenizer, cutting texts to the encoder's length. Do not close it: the
  /// bundle does.
  public Tokenizer textTokenizer() {
    String file = "text_encoder/tokenizer.json";
    return owned(
        file, Tokenizer.class, () -> Tokenizer.load(file(file), manifest.text().maxLength()));
  }

  /// The rows of the r [IMG] tokens and the row that scores [IMG0]; see [ImgTokenRows].
  public ImgTokenRows imgTokens() {
    return ImgTokenRows.read(file("gill/img_tokens.safetensors"));
  }

  // Loaded outside the lock, so that several models are loaded at once.
  private <T extends AutoCloseable> T owned(String key, Class<T> type, Supplier<T> load) {
    FutureTask<AutoCloseable> loading;
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("the bundle " + folder + " is closed");
      }
      loading = open.computeIfAbsent(key, _ -> new FutureTask<>(load::get));
    }
    loading.run();
    try {
      return type.cast(loading.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InferenceException("interrupted while loading " + key, e);
    } catch (ExecutionException e) {
      forget(key);
      throw e.getCause() instanceof RuntimeException fault
          ? fault
          : new InferenceException("cannot load " + key, e);
    }
  }

  private synchronized void forget(String key) {
    open.remove(key);
  }

  /// Frees all native memory. Closing twice does nothing.
  @Override
  public synchronized void close() {
    closed = true;
    open.values().forEach(Bundle::close);
    open.clear();
  }

  private static void close(FutureTask<AutoCloseable> loading) {
    AutoCloseable held;
    try {
      held = loading.get();
    } catch (InterruptedException | ExecutionException _) {
      return; // what was not loaded need not be closed
    }
    switch (held) {
      case OnnxModel model -> model.close();
      case CausalLm model -> model.close();
      case Tokenizer tokenizer -> tokenizer.close();
      default -> throw new IllegalStateException("not closable: " + held);
    }
  }

  @Override
  public String toString() {
    return "Bundle[" + manifest.name() + " " + manifest.version() + ", " + folder + "]";
  }
}
