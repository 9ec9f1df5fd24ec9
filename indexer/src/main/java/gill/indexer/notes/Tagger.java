package gill.indexer.notes;

import gill.engine.fault.EngineException;
import gill.engine.flow.Pixels;
import gill.engine.runtime.ModelOptions;
import gill.engine.runtime.OnnxModel;
import gill.engine.vision.ImagePreprocessor;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.DerivedKeys;
import gill.indexer.flow.PictureNotes;
import gill.indexer.notes.TaggerFiles.Label;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A classifier of pictures, for safety or quality, in a folder of four files (docs/indexing.md):
/// `model.onnx` (`[B][3][H][W]` floats to `[B][labels]` floats), `preprocessor_config.json` as a
/// bundle's vision encoder has it, `labels.txt` (a label a line, in the order of the output) and
/// `tagger.properties`.
///
/// It notes `tag_NAME` (the labels whose scores reach their thresholds, best first, `;` between
/// them, or `none`), `tag_NAME_LABEL` (the score of each label) and `tag_NAME_by` (which classifier
/// said so).
public final class Tagger implements PictureNotes, AutoCloseable {
  private final TaggerFiles files;
  private final ImagePreprocessor preprocessor;
  private final OnnxModel model;
  private final String key;

  private Tagger(TaggerFiles files, ImagePreprocessor preprocessor, OnnxModel model) {
    this.files = files;
    this.preprocessor = preprocessor;
    this.model = model;
    this.key = DerivedKeys.TAG + files.name();
  }

  /// Opens the folder and tries the classifier out. Throws [CorpusException] naming the file that
  /// is missing or wrong.
  public static Tagger open(Path folder) {
    try {
      TaggerFiles files = TaggerFiles.read(folder);
      ImagePreprocessor preprocessor =
          ImagePreprocessor.read(folder.resolve(TaggerFiles.PREPROCESSOR));
      OnnxModel model = OnnxModel.load(folder.resolve(TaggerFiles.MODEL), new ModelOptions(1));
      try {
        Tagger tagger = new Tagger(files, preprocessor, model);
        tagger.scores(Pixels.of(8, 8, new byte[3 * 64]));
        return tagger;
      } catch (EngineException | IllegalArgumentException e) {
        model.close();
        throw e;
      }
    } catch (IOException | EngineException | IllegalArgumentException e) {
      throw new CorpusException("the tagger " + folder + " cannot be used: " + e.getMessage(), e);
    }
  }

  private double[] scores(Pixels picture) {
    float[] values =
        model
            .run(
                Map.of(model.inputs().getFirst().name(), preprocessor.pixelValues(picture)),
                model.outputs().getFirst().name())
            .data();
    if (values.length != files.labels().size()) {
      throw new IllegalArgumentException(
          "the model answers with "
              + values.length
              + " values, labels.txt names "
              + files.labels().size());
    }
    return files.scores(values);
  }

  @Override
  public Map<String, String> of(Pixels picture) {
    double[] scores = scores(picture);
    List<Label> labels = files.labels();
    Map<String, String> notes = new HashMap<>();
    String passed =
        IntStream.range(0, scores.length)
            .boxed()
            .filter(i -> scores[i] >= labels.get(i).threshold())
            .sorted(Comparator.comparingDouble((Integer i) -> scores[i]).reversed())
            .map(i -> labels.get(i).name())
            .collect(Collectors.joining(";"));
    notes.put(key, passed.isEmpty() ? "none" : passed);
    notes.put(key + "_by", files.fingerprint());
    for (int i = 0; i < scores.length; i++) {
      notes.put(key + "_" + labels.get(i).name(), String.format(Locale.ROOT, "%.4f", scores[i]));
    }
    return notes;
  }

  @Override
  public boolean areIn(Map<String, String> metadata) {
    return files.fingerprint().equals(metadata.get(key + "_by"));
  }

  @Override
  public String name() {
    return "tagger " + files.name() + " " + files.fingerprint();
  }

  @Override
  public void close() {
    model.close();
  }
}
