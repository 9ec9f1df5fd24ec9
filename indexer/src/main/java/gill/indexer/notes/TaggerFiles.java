package gill.indexer.notes;

import gill.engine.runtime.Sha256;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

/// What a tagger's folder says besides its model.
///
/// @param name 1 to 32 of a-z, 0-9 and _
/// @param fingerprint of all files
record TaggerFiles(String name, Activation activation, List<Label> labels, String fingerprint) {
  static final String MODEL = "model.onnx";
  static final String PREPROCESSOR = "preprocessor_config.json";

  private static final String LABELS = "labels.txt";
  private static final String SETTINGS = "tagger.properties";
  private static final int MAX_LABELS = 64;

  /// What turns an output into a score.
  enum Activation {
    NONE,
    SIGMOID,
    SOFTMAX
  }

  /// @param threshold least score at which a picture is said to have the label
  record Label(String name, double threshold) {}

  /// Throws [IOException] naming the file that is missing or wrong.
  static TaggerFiles read(Path folder) throws IOException {
    StringBuilder digests = new StringBuilder();
    for (String file : List.of(MODEL, PREPROCESSOR, LABELS, SETTINGS)) {
      if (!Files.isRegularFile(folder.resolve(file))) {
        throw new IOException("it lacks " + file);
      }
      digests.append(Sha256.of(folder.resolve(file))).append('\n');
    }
    Properties settings = new Properties();
    try (Reader in = Files.newBufferedReader(folder.resolve(SETTINGS))) {
      settings.load(in);
    }
    String name = settings.getProperty("name", "").strip();
    if (!name.matches("[a-z0-9_]{1,32}")) {
      throw new IOException(SETTINGS + ": name must be 1 to 32 of a-z, 0-9 and _");
    }
    return new TaggerFiles(
        name,
        activation(settings.getProperty("activation", "softmax").strip()),
        labels(folder.resolve(LABELS), settings),
        Sha256.of(digests.toString()).substring(0, 12));
  }

  private static Activation activation(String id) throws IOException {
    for (Activation activation : Activation.values()) {
      if (activation.name().toLowerCase(Locale.ROOT).equals(id)) {
        return activation;
      }
    }
    throw new IOException(SETTINGS + ": activation must be softmax, sigmoid or none");
  }

  private static List<Label> labels(Path file, Properties settings) throws IOException {
    List<Label> labels = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      String label = line.strip();
      if (label.isEmpty()) {
        continue;
      }
      if (!label.matches("[A-Za-z0-9_-]{1,64}")) {
        throw new IOException(LABELS + ": a label has 1 to 64 letters, digits, _ and -");
      }
      String threshold =
          settings.getProperty("threshold." + label, settings.getProperty("threshold", "0.5"));
      try {
        labels.add(new Label(label, Double.parseDouble(threshold)));
      } catch (NumberFormatException e) {
        throw new IOException(SETTINGS + ": '" + threshold + "' is no threshold", e);
      }
    }
    if (labels.isEmpty() || labels.size() > MAX_LABELS) {
      throw new IOException(LABELS + ": 1 to " + MAX_LABELS + " labels are taken");
    }
    return labels;
  }

  /// Scores of a model's outputs.
  double[] scores(float[] values) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float value : values) {
      largest = Math.max(largest, value);
    }
    double[] scores = new double[values.length];
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      scores[i] =
          switch (activation) {
            case NONE -> values[i];
            case SIGMOID -> 1 / (1 + Math.exp(-values[i]));
            case SOFTMAX -> Math.exp(values[i] - largest);
          };
      sum += scores[i];
    }
    for (int i = 0; i < values.length && activation == Activation.SOFTMAX; i++) {
      scores[i] /= sum;
    }
    return scores;
  }
}
