package gill.engine.dialogue;

import gill.engine.fault.IndexException;
import gill.engine.flow.GeneratedPicture;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.PictureHash;
import gill.engine.flow.Pixels;
import gill.engine.retrieval.BundleStamp;
import gill.engine.retrieval.ImageIndexWriter;
import gill.engine.retrieval.IndexedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Brings generated pictures home: into the index, as source `generated`, with all that is needed
/// to tell them from corpus images and to make them again.
///
/// Safe for use by many threads; pictures are written one at a time.
public final class PictureKeeper {
  private static final String SOURCE = "generated";

  private final Stages stages;
  private final Path index;
  private final BundleStamp bundle;

  public PictureKeeper(Stages stages, Path index, BundleStamp bundle) {
    this.stages = stages;
    this.index = index;
    this.bundle = bundle;
  }

  /// A picture as a row of the index.
  ///
  /// @param folder where its file lies or will lie
  public IndexedImage row(GeneratedPicture picture, Path folder) {
    Pixels pixels = picture.pixels();
    float[] pooled = stages.visualEncoder().pooled(pixels);
    return new IndexedImage(
        record(picture, file(picture, folder)),
        stages.visualEncoder().clipEmbedding(pooled),
        stages.retrievalHead().imageEmbedding(pooled));
  }

  private static Path file(GeneratedPicture picture, Path folder) {
    return folder.toAbsolutePath().normalize().resolve(picture.id() + ".png");
  }

  private static ImageRecord record(GeneratedPicture picture, Path file) {
    Map<String, String> made = new TreeMap<>();
    made.put("prompt", picture.prompt());
    made.put("seed", Long.toString(picture.seed()));
    made.put("steps", Integer.toString(picture.numInferenceSteps()));
    made.put("guidance_scale", String.format(Locale.ROOT, "%s", picture.guidanceScale()));
    made.put("scheduler", picture.scheduler());
    made.put("model", picture.model());
    made.put(PictureHash.KEY, PictureHash.of(picture.pixels()).hex());
    return new ImageRecord(
        new ImageId(ImageIndexWriter.KEPT + picture.id()),
        picture.prompt(),
        List.of(),
        Map.of(),
        SOURCE,
        picture.model(),
        "LicenseRef-generated",
        SOURCE,
        "",
        List.of(),
        file.toString(),
        picture.id(),
        picture.pixels().width(),
        picture.pixels().height(),
        made);
  }

  /// Writes the picture's file and its row, as one commit; returns its id in the index, empty if
  /// the takedown list forbids it. Throws [IndexException] if another writer is at work or the disk
  /// is full; the index is then as it was.
  public synchronized Optional<ImageId> keep(
      GeneratedPicture picture, IndexedImage row, Path folder) {
    try (ImageIndexWriter writer = ImageIndexWriter.update(index, bundle)) {
      if (writer.forbidden().forbidding(row.image()).isPresent()) {
        return Optional.empty();
      }
      write(picture, folder);
      writer.add(row);
      writer.save();
      return Optional.of(row.image().id());
    }
  }

  private static void write(GeneratedPicture picture, Path folder) {
    Path file = file(picture, folder);
    try {
      Files.createDirectories(file.getParent());
      Path part = Files.createTempFile(file.getParent(), "kept", ".part");
      Files.write(part, picture.png());
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new IndexException("cannot write the picture " + file + ": " + e.getMessage(), e);
    }
  }
}
