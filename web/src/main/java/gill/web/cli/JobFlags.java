package gill.web.cli;

import gill.indexer.IndexingPlan.Extras;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.DuplicatePolicy;
import gill.indexer.flow.IndexingReport;
import gill.indexer.flow.PictureNotes;
import gill.indexer.notes.AllNotes;
import gill.indexer.notes.QualityNotes;
import gill.indexer.notes.Tagger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Option;

/// What an indexing job does beyond embedding (a picocli mixin).
final class JobFlags {
  @Option(
      names = "--near-duplicates",
      paramLabel = "P",
      defaultValue = "keep",
      description =
          "What becomes of an image that repeats an earlier one (perceptual hash and CLIP): keep it,"
              + " link it (metadata duplicate_of) or drop it; the report tells in each case (default:"
              + " keep).")
  private String nearDuplicates = "keep";

  @Option(
      names = "--near-duplicate-cosine",
      paramLabel = "C",
      defaultValue = "0.96",
      description = "Least CLIP cosine of an image to the one it repeats (default: 0.96).")
  private double cosine = 0.96;

  @Option(
      names = "--quality",
      description =
          "Note sharpness and entropy of each picture in its metadata (quality_sharpness,"
              + " quality_entropy).")
  private boolean quality;

  @Option(
      names = "--tagger",
      paramLabel = "DIR",
      description =
          "Note what a classifier says of each picture (tag_NAME): a folder with model.onnx,"
              + " preprocessor_config.json, labels.txt and tagger.properties; may be repeated. See"
              + " docs/indexing.md.")
  private List<Path> taggers = List.of();

  @Option(
      names = "--failures-parquet",
      description = "Write failures as indexing-failures.parquet too.")
  private boolean parquet;

  /// Opens the classifiers for the time of a job.
  IndexingReport with(Function<Extras, IndexingReport> job) {
    List<Tagger> opened = new ArrayList<>();
    try {
      taggers.forEach(folder -> opened.add(Tagger.open(folder)));
      List<PictureNotes> notes = new ArrayList<>(opened);
      if (quality) {
        notes.add(new QualityNotes());
      }
      return job.apply(
          new Extras(
              DuplicatePolicy.of(nearDuplicates),
              cosine,
              notes.isEmpty() ? PictureNotes.NONE : new AllNotes(notes),
              parquet));
    } catch (CorpusException e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    } finally {
      opened.forEach(Tagger::close);
    }
  }

  /// Refuses values that no job takes, before a model is opened.
  void check() {
    try {
      new Extras(DuplicatePolicy.of(nearDuplicates), cosine, PictureNotes.NONE, parquet);
    } catch (IllegalArgumentException e) {
      throw new CommandException(String.valueOf(e.getMessage()), 2);
    }
  }
}
