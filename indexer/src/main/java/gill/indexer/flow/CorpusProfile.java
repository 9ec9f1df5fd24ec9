package gill.indexer.flow;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a job saw of its corpus besides counts.
///
/// @param distributions by name (`source`, `licence`, `size`, ...), how many images have each value
/// @param nearDuplicates number of images that repeat an earlier one
/// @param dropped how many of these are not in the index
/// @param duplicates the first [#DUPLICATES_KEPT] of them
/// @param samples a sample of the indexed images that depends on the ids alone
/// @param pace rows dealt with over time
public record CorpusProfile(
    SortedMap<String, SortedMap<String, Long>> distributions,
    long nearDuplicates,
    long dropped,
    List<NearDuplicate> duplicates,
    List<Sample> samples,
    List<Mark> pace) {
  public static final int DUPLICATES_KEPT = 100;

  public static final CorpusProfile NONE =
      new CorpusProfile(new TreeMap<>(), 0, 0, List.of(), List.of(), List.of());

  /// @param location of its file, relative to the source's root
  public record Sample(String id, String location, String caption) {}

  /// @param seconds since the job began
  /// @param done rows dealt with since, without those of a broken-off run
  public record Mark(double seconds, long done) {}

  /// The same with one more distribution.
  public CorpusProfile with(String name, SortedMap<String, Long> counts) {
    TreeMap<String, SortedMap<String, Long>> all = new TreeMap<>(distributions);
    all.put(name, counts);
    return new CorpusProfile(all, nearDuplicates, dropped, duplicates, samples, pace);
  }

  public CorpusProfile {
    TreeMap<String, SortedMap<String, Long>> copy = new TreeMap<>();
    for (Map.Entry<String, SortedMap<String, Long>> each : distributions.entrySet()) {
      copy.put(each.getKey(), Collections.unmodifiableSortedMap(new TreeMap<>(each.getValue())));
    }
    distributions = Collections.unmodifiableSortedMap(copy);
    duplicates = List.copyOf(duplicates);
    samples = List.copyOf(samples);
    pace = List.copyOf(pace);
  }
}
