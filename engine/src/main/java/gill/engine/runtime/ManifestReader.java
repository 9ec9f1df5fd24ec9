package gill.engine.runtime;

import gill.engine.fault.BundleException;
import gill.engine.flow.MatchCurve;
import gill.engine.flow.QueryKind;
import gill.engine.flow.SamplingOptions;
import gill.engine.runtime.BundleManifest.Calibration;
import gill.engine.runtime.BundleManifest.ChatFormat;
import gill.engine.runtime.BundleManifest.ClipSpec;
import gill.engine.runtime.BundleManifest.DiffusionSpec;
import gill.engine.runtime.BundleManifest.Example;
import gill.engine.runtime.BundleManifest.FileEntry;
import gill.engine.runtime.BundleManifest.GillSpec;
import gill.engine.runtime.BundleManifest.LanguageModelSpec;
import gill.engine.runtime.BundleManifest.Licence;
import gill.engine.runtime.BundleManifest.Origin;
import gill.engine.runtime.BundleManifest.TextSpec;
import gill.engine.runtime.BundleManifest.Unconditional;
import gill.engine.runtime.BundleManifest.VisionSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads `bundle.json`, collecting every fault before it gives up. Unknown keys are ignored, so
/// that a later writer may add some; unknown values are faults.
final class ManifestReader {
  private final Path folder;
  private final JsonNode root;
  private final List<String> faults = new ArrayList<>();

  private ManifestReader(Path folder, JsonNode root) {
    this.folder = folder;
    this.root = root;
  }

  /// Throws [BundleException] with all faults of the manifest.
  static BundleManifest read(Path folder) {
    Path file = folder.resolve("bundle.json");
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new BundleException(
          folder + " is not a model bundle: cannot read bundle.json", List.of(e.toString()));
    }
    try {
      return new ManifestReader(folder, new JsonMapper().readTree(text)).manifest();
    } catch (JacksonException e) {
      throw new BundleException(file + " is not JSON", List.of(e.getOriginalMessage()));
    }
  }

  private BundleManifest manifest() {
    if (root.path("format_version").asInt(-1) != BundleManifest.FORMAT_VERSION) {
      throw new BundleException(
          "this engine reads bundles of format_version " + BundleManifest.FORMAT_VERSION,
          List.of("bundle.json says " + root.path("format_version")));
    }
    Section top = new Section("", root);
    BundleManifest manifest =
        new BundleManifest(
            top.text("name"),
            top.text("version"),
            top.text("description"),
            licences(),
            languageModel(top.section("language_model")),
            vision(top.section("vision_encoder")),
            text(top.section("text_encoder")),
            gill(top.section("gill")),
            diffusion(top.section("diffusion")),
            clip(top.section("clip")),
            relevance(top),
            top.text("fingerprint"),
            files());
    if (manifest.vision().embedDim() != manifest.text().embedDim()) {
      faults.add(
          "vision_encoder.embed_dim and text_encoder.embed_dim must be equal, are "
              + manifest.vision().embedDim()
              + " and "
              + manifest.text().embedDim());
    }
    if (!faults.isEmpty()) {
      throw new BundleException("the manifest of the bundle " + folder + " is broken", faults);
    }
    return manifest;
  }

  private LanguageModelSpec languageModel(Section s) {
    return new LanguageModelSpec(
        s.size("hidden_size"),
        s.size("num_layers"),
        s.size("num_kv_heads"),
        s.size("head_dim"),
        s.size("vocab_size"),
        s.size("context_length"),
        s.isNull("bos_token_id") ? -1 : s.integer("bos_token_id", 0),
        s.integers("eos_token_ids"),
        s.choice("chat_template", ChatFormat.values()),
        s.text("system_prompt"),
        examples(s),
        sampling(s),
        s.has("reads_shown_images") && s.flag("reads_shown_images"),
        s.flag("tied_embeddings"));
  }

  private static List<Example> examples(Section s) {
    return s.has("examples")
        ? s.sections("examples").stream()
            .map(e -> new Example(e.text("user"), e.text("assistant")))
            .toList()
        : List.of();
  }

  private SamplingOptions sampling(Section s) {
    if (!s.has("sampling")) {
      return SamplingOptions.DEFAULT;
    }
    Section sampling = s.section("sampling");
    try {
      return new SamplingOptions(
          sampling.number("temperature"),
          sampling.number("top_p"),
          sampling.number("repetition_penalty"),
          sampling.size("max_tokens"),
          SamplingOptions.DEFAULT.imgBias(),
          sampling.has("max_images")
              ? sampling.size("max_images")
              : SamplingOptions.DEFAULT.maxImages(),
          SamplingOptions.DEFAULT.seed());
    } catch (IllegalArgumentException e) {
      faults.add("language_model.sampling: " + e.getMessage());
      return SamplingOptions.DEFAULT;
    }
  }

  private VisionSpec vision(Section s) {
    return new VisionSpec(s.size("image_size"), s.size("pooled_dim"), s.size("embed_dim"));
  }

  private TextSpec text(Section s) {
    return new TextSpec(s.size("hidden_dim"), s.size("embed_dim"), s.size("max_length"));
  }

  private GillSpec gill(Section s) {
    List<String> features = s.texts("decision_features");
    for (String feature : features) {
      if (!BundleManifest.KNOWN_DECISION_FEATURES.contains(feature)) {
        faults.add(
            "gill.decision_features: '"
                + feature
                + "' is unknown; known are "
                + BundleManifest.KNOWN_DECISION_FEATURES.stream().sorted().toList());
      }
    }
    return new GillSpec(
        s.size("num_img_tokens"),
        s.size("num_visual_tokens"),
        s.size("retrieval_dim"),
        s.size("conditioning_length"),
        s.size("conditioning_dim"),
        features,
        s.number("img_token_bias"),
        s.has("images_after_sentence") && s.flag("images_after_sentence"),
        s.number("decision_threshold"),
        s.number("decision_either_band"));
  }

  private DiffusionSpec diffusion(Section s) {
    String scheduler = s.text("scheduler");
    if (!scheduler.isEmpty() && !BundleManifest.KNOWN_SCHEDULERS.contains(scheduler)) {
      faults.add(
          "diffusion.scheduler: '"
              + scheduler
              + "' is unknown; known are "
              + BundleManifest.KNOWN_SCHEDULERS.stream().sorted().toList());
    }
    double wordsShare = s.has("words_share") ? s.number("words_share") : 0;
    if (!(wordsShare >= 0 && wordsShare <= 1)) {
      faults.add("diffusion.words_share: must be in [0, 1], is " + wordsShare);
      wordsShare = 0;
    }
    return new DiffusionSpec(
        s.size("image_size"),
        s.size("latent_channels"),
        s.size("latent_size"),
        s.number("scaling_factor"),
        s.number("shift_factor"),
        s.size("num_inference_steps"),
        s.number("guidance_scale"),
        s.number(s.has("draft_guidance_scale") ? "draft_guidance_scale" : "guidance_scale"),
        wordsShare,
        scheduler,
        s.choice("unconditional", Unconditional.values()),
        s.has("drafts") && s.flag("drafts"),
        s.has("draft_sources") ? s.texts("draft_sources") : List.of(),
        calibration(s.section("confidence")),
        s.number("min_confidence"));
  }

  private ClipSpec clip(Section s) {
    return new ClipSpec(s.number("logit_scale"), calibration(s.section("calibration")));
  }

  private static Map<QueryKind, MatchCurve> relevance(Section top) {
    Map<QueryKind, MatchCurve> curves = new EnumMap<>(QueryKind.class);
    if (top.has("relevance")) {
      Section section = top.section("relevance");
      for (QueryKind kind : QueryKind.values()) {
        String key = kind.name().toLowerCase(Locale.ROOT);
        if (section.has(key)) {
          Section s = section.section(key);
          curves.put(
              kind,
              new MatchCurve(
                  s.number("cosine"), s.number("mean"), s.number("z"), s.number("bias")));
        }
      }
    }
    return curves;
  }

  private static Calibration calibration(Section s) {
    return new Calibration(s.number("a"), s.number("b"));
  }

  private List<Licence> licences() {
    List<Licence> licences = new ArrayList<>();
    for (Section s : new Section("", root).sections("licences")) {
      licences.add(
          new Licence(s.text("part"), s.text("spdx"), s.text("attribution"), s.text("source")));
    }
    return licences;
  }

  private List<FileEntry> files() {
    List<FileEntry> files = new ArrayList<>();
    Set<String> paths = new HashSet<>();
    for (Section s : new Section("", root).sections("files")) {
      String path = s.text("path");
      if (!path.matches("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")) {
        faults.add(s.name + "path: '" + path + "' is not a relative path of plain names");
      } else if (!paths.add(path)) {
        faults.add(s.name + "path: '" + path + "' is listed twice");
      }
      String sha256 = s.text("sha256");
      if (!sha256.matches("[0-9a-f]{64}")) {
        faults.add(s.name + "sha256 must be 64 lower-case hex digits, got '" + sha256 + "'");
      }
      Origin origin = s.choice("origin", Origin.values());
      files.add(new FileEntry(path, s.whole("bytes", 0), sha256, origin));
    }
    return files;
  }

  /// A JSON object of the manifest. After a fault the getters return a harmless value, so that
  /// reading goes on and finds the other faults.
  private final class Section {
    private final String name;
    private final JsonNode node;

    Section(String name, JsonNode node) {
      this.name = name;
      this.node = node;
    }

    Section section(String key) {
      if (!node.path(key).isObject()) {
        faults.add(name + key + " must be an object" + found(key));
      }
      return new Section(name + key + ".", node.path(key));
    }

    List<Section> sections(String key) {
      List<Section> sections = new ArrayList<>();
      JsonNode list = node.path(key);
      if (!list.isArray()) {
        faults.add(name + key + " must be a list" + found(key));
      }
      for (int i = 0; i < list.size(); i++) {
        sections.add(new Section(name + key + "[" + i + "].", list.get(i)));
      }
      return sections;
    }

    boolean has(String key) {
      return node.hasNonNull(key);
    }

    boolean isNull(String key) {
      return node.has(key) && node.get(key).isNull();
    }

    String text(String key) {
      if (!node.path(key).isString()) {
        faults.add(name + key + " must be a string" + found(key));
        return "";
      }
      return node.get(key).stringValue();
    }

    boolean flag(String key) {
      if (!node.path(key).isBoolean()) {
        faults.add(name + key + " must be true or false" + found(key));
        return false;
      }
      return node.get(key).booleanValue();
    }

    double number(String key) {
      if (!node.path(key).isNumber()) {
        faults.add(name + key + " must be a number" + found(key));
        return 0;
      }
      return node.get(key).doubleValue();
    }

    int size(String key) {
      return Math.max(1, integer(key, 1));
    }

    int integer(String key, int least) {
      long value = whole(key, least);
      if (value > Integer.MAX_VALUE) {
        faults.add(name + key + " is too large: " + value);
        return least;
      }
      return (int) value;
    }

    long whole(String key, long least) {
      JsonNode value = node.path(key);
      if (!value.isIntegralNumber() || value.longValue() < least) {
        faults.add(name + key + " must be an integer of at least " + least + found(key));
        return least;
      }
      return value.longValue();
    }

    List<Integer> integers(String key) {
      List<Integer> values = new ArrayList<>();
      JsonNode list = node.path(key);
      if (!list.isArray()) {
        faults.add(name + key + " must be a list of integers" + found(key));
      }
      for (JsonNode value : list) {
        if (value.isIntegralNumber()) {
          values.add(value.intValue());
        } else {
          faults.add(name + key + " must be a list of integers, has " + value);
        }
      }
      return values;
    }

    List<String> texts(String key) {
      List<String> values = new ArrayList<>();
      JsonNode list = node.path(key);
      if (!list.isArray()) {
        faults.add(name + key + " must be a list of strings" + found(key));
      }
      for (JsonNode value : list) {
        if (value.isString()) {
          values.add(value.stringValue());
        } else {
          faults.add(name + key + " must be a list of strings, has " + value);
        }
      }
      return values;
    }

    /// The constant whose lower-case name is the key's value.
    <E extends Enum<E>> E choice(String key, E[] choices) {
      String value = node.path(key).isString() ? node.get(key).stringValue() : "";
      for (E choice : choices) {
        if (choice.name().toLowerCase(Locale.ROOT).equals(value)) {
          return choice;
        }
      }
      List<String> names = new ArrayList<>();
      for (E choice : choices) {
        names.add(choice.name().toLowerCase(Locale.ROOT));
      }
      faults.add(name + key + " must be one of " + names + found(key));
      return choices[0];
    }

    private String found(String key) {
      return node.has(key) ? ", is " + node.get(key) : ", is missing";
    }
  }
}
