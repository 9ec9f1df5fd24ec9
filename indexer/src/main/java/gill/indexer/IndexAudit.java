package gill.indexer;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.Pixels;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.retrieval.CorpusView;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.SearchBackend;
import gill.engine.runtime.Sha256;
import gill.engine.vision.ImageLimits;
import gill.engine.vision.ImageReader;
import gill.engine.vision.ReadResult;
import gill.indexer.embed.ImageEmbedder;
import gill.indexer.flow.Embedding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Embeds a sample of an index's images anew and compares with the vectors it holds.
///
/// @param compared images whose vectors were compared
/// @param lowest the lowest cosine between a vector and its like; 1 if nothing was compared
/// @param faults one sentence for each image that cannot be read any more, or whose vectors differ
public record IndexAudit(int compared, double lowest, List<String> faults) {
  /// What rounding on other hardware may take from a cosine of 1.
  private static final double TOLERANCE = 1e-3;

  private static final int BATCH = 8;

  public IndexAudit {
    faults = List.copyOf(faults);
  }

  /// Throws [gill.engine.fault.IndexException] if there is no index, or another bundle made it.
  ///
  /// @param sample how many images; the same ones each time
  public static IndexAudit of(Path index, ImageEmbedder embedder, int sample) {
    try (SearchBackend backend = LuceneBackend.open(index, embedder.bundle())) {
      return backend.read(view -> new Audit(view, embedder).of(view.sample(sample)));
    }
  }

  /// One image that can be compared.
  private record Read(ImageRecord image, Pixels pixels) {}

  private static final class Audit {
    private final CorpusView view;
    private final ImageEmbedder embedder;
    private final List<String> faults = new ArrayList<>();
    private int compared;
    private double lowest = 1;

    Audit(CorpusView view, ImageEmbedder embedder) {
      this.view = view;
      this.embedder = embedder;
    }

    IndexAudit of(List<ImageRecord> images) {
      List<Read> batch = new ArrayList<>();
      for (ImageRecord image : images) {
        read(image, batch);
        if (batch.size() == BATCH) {
          compare(batch);
          batch.clear();
        }
      }
      compare(batch);
      return new IndexAudit(compared, lowest, faults);
    }

    private void read(ImageRecord image, List<Read> into) {
      Path file = view.imageRoot().resolve(image.location());
      try {
        byte[] bytes = Files.readAllBytes(file);
        if (!image.sha256().isEmpty() && !image.sha256().equals(Sha256.of(bytes))) {
          faults.add("the file of " + image.id() + " changed since it was indexed: " + file);
          return;
        }
        switch (ImageReader.read(bytes, ImageLimits.DEFAULT)) {
          case ReadResult.Decoded(Pixels pixels, _) ->
              into.add(new Read(image, embedder.prepare(pixels)));
          case ReadResult.Rejected rejected ->
              faults.add(image.id() + " cannot be decoded: " + rejected.message());
        }
      } catch (IOException e) {
        faults.add("the file of " + image.id() + " cannot be read: " + e);
      }
    }

    private void compare(List<Read> batch) {
      if (batch.isEmpty()) {
        return;
      }
      List<ImageId> ids = batch.stream().map(read -> read.image().id()).toList();
      Map<ImageId, UnitVector> clip = view.vectors(VectorField.CLIP, ids);
      Map<ImageId, UnitVector> gill = view.vectors(VectorField.GILL, ids);
      List<Embedding> fresh = embedder.embed(batch.stream().map(Read::pixels).toList());
      for (int i = 0; i < ids.size(); i++) {
        ImageId id = ids.get(i);
        double cosine =
            Math.min(
                cosine(clip.get(id), fresh.get(i).clip()),
                cosine(gill.get(id), fresh.get(i).gill()));
        compared++;
        lowest = Math.min(lowest, cosine);
        if (cosine < 1 - TOLERANCE) {
          faults.add(
              String.format(
                  Locale.ROOT,
                  "the vectors of %s are not those of its picture: cosine %.4f",
                  id,
                  cosine));
        }
      }
    }

    private static double cosine(@Nullable UnitVector held, UnitVector fresh) {
      if (held == null) {
        return -1;
      }
      float[] a = held.toArray();
      float[] b = fresh.toArray();
      double sum = 0;
      for (int i = 0; i < a.length; i++) {
        sum += (double) a[i] * b[i];
      }
      return sum;
    }
  }
}
