package gill.indexer.report;

import gill.engine.flow.Pixels;
import gill.engine.vision.ImageLimits;
import gill.engine.vision.ImageReader;
import gill.engine.vision.PictureFile;
import gill.engine.vision.ReadResult;
import gill.indexer.flow.CorpusProfile;
import gill.indexer.flow.CorpusProfile.Sample;
import gill.indexer.flow.NearDuplicate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Gatherers;
import java.util.stream.Stream;

/// Small pictures of a profile's samples and of its near-duplicates, read from their files. Those
/// that cannot be read are left out.
public final class SamplePictures {
  static final int SHOWN_PAIRS = 12;

  private static final int SIDE = 96;
  private static final float QUALITY = 0.75f;
  private static final int READERS = 2;

  private final Map<String, byte[]> jpegs;
  private final SortedMap<String, Long> colours;

  private SamplePictures(Map<String, byte[]> jpegs, SortedMap<String, Long> colours) {
    this.jpegs = jpegs;
    this.colours = colours;
  }

  /// @param root the folder that locations start from
  public static SamplePictures read(Path root, CorpusProfile profile, ImageLimits limits) {
    Map<String, byte[]> jpegs = new HashMap<>();
    SortedMap<String, Long> colours = new TreeMap<>();
    Stream<String> samples = profile.samples().stream().map(Sample::location);
    Stream<String> pairs =
        profile.duplicates().stream()
            .limit(SHOWN_PAIRS)
            .flatMap((NearDuplicate pair) -> Stream.of(pair.location(), pair.originalLocation()));
    int sampled = profile.samples().size();
    int[] number = {0};
    Stream.concat(samples, pairs)
        .gather(
            Gatherers.mapConcurrent(
                READERS, location -> Map.entry(location, small(root.resolve(location), limits))))
        .forEach(read -> {
          boolean isSample = number[0]++ < sampled;
          read.getValue()
              .ifPresent(picture -> {
                jpegs.put(read.getKey(), PictureFile.jpeg(picture, QUALITY));
                if (isSample) {
                  colours.merge(MainColour.of(picture), 1L, Long::sum);
                }
              });
        });
    return new SamplePictures(jpegs, colours);
  }

  private static Optional<Pixels> small(Path file, ImageLimits limits) {
    try {
      return ImageReader.read(file, limits) instanceof ReadResult.Decoded(Pixels pixels, _)
          ? Optional.of(PictureFile.thumbnail(pixels, SIDE))
          : Optional.empty();
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /// How many of the samples have which main colour.
  public SortedMap<String, Long> colours() {
    return colours;
  }

  Optional<byte[]> jpeg(String location) {
    return Optional.ofNullable(jpegs.get(location));
  }
}
