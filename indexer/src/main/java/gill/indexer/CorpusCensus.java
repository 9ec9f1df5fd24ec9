package gill.indexer;

import gill.engine.flow.ImageRecord;
import gill.engine.runtime.Sha256;
import gill.indexer.flow.CorpusProfile;
import gill.indexer.flow.CorpusProfile.Sample;
import gill.indexer.flow.NearDuplicate;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/// Counts what the images of a job are like, in bounded memory.
final class CorpusCensus {
  /// Of a field; further ones are counted together.
  private static final int MAX_VALUES = 200;

  private static final String OTHERS = "(others)";
  private static final int SAMPLES = 60;

  private final SortedMap<String, SortedMap<String, Long>> distributions = new TreeMap<>();
  private final TreeMap<String, Sample> samples = new TreeMap<>();
  private final List<NearDuplicate> duplicates = new ArrayList<>();
  private long nearDuplicates;

  void add(ImageRecord image) {
    count("source", image.source());
    count("licence", image.licence());
    count("format", extension(image.location()));
    count("size", size(Math.max(image.width(), image.height())));
    count("shape", shape(image.width(), image.height()));
    samples.put(
        Sha256.of(image.id().value().getBytes(StandardCharsets.UTF_8)),
        new Sample(image.id().value(), image.location(), image.caption()));
    if (samples.size() > SAMPLES) {
      samples.pollLastEntry();
    }
  }

  void add(NearDuplicate duplicate) {
    nearDuplicates++;
    if (duplicates.size() < CorpusProfile.DUPLICATES_KEPT) {
      duplicates.add(duplicate);
    }
  }

  private void count(String field, String value) {
    SortedMap<String, Long> counts = distributions.computeIfAbsent(field, _ -> new TreeMap<>());
    String known = value.isBlank() ? "(none)" : value;
    counts.merge(
        counts.containsKey(known) || counts.size() < MAX_VALUES ? known : OTHERS, 1L, Long::sum);
  }

  private static String extension(String location) {
    String name = location.substring(location.lastIndexOf('/') + 1);
    return name.contains(".")
        ? name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT)
        : "";
  }

  private static String size(int longer) {
    for (int limit : new int[] {64, 128, 256, 512, 1024, 2048, 4096}) {
      if (longer <= limit) {
        return String.format(Locale.ROOT, "up to %4d px", limit);
      }
    }
    return "over 4096 px";
  }

  private static String shape(int width, int height) {
    double ratio = (double) width / Math.max(1, height);
    return ratio > 1.1 ? "landscape" : ratio < 1 / 1.1 ? "portrait" : "square";
  }

  CorpusProfile profile(List<CorpusProfile.Mark> pace, long dropped) {
    return new CorpusProfile(
        distributions, nearDuplicates, dropped, duplicates, List.copyOf(samples.values()), pace);
  }
}
