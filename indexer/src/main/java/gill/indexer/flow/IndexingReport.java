package gill.indexer.flow;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What an indexing job did.
///
/// @param source folder or manifest
/// @param index the index folder
/// @param bundle name and version of the bundle whose vectors these are
/// @param total images of the source
/// @param images images in the index
/// @param duplicates images replaced by a later one of the same id
/// @param resumed rows that a broken-off run of this job had dealt with
/// @param failed images that are not in the index
/// @param failuresByReason how many of each
/// @param failures the first [#FAILURES_KEPT]; all are in `indexing-failures.jsonl`
/// @param stageSeconds decode (summed over threads), embed, write
/// @param profile what was seen of the corpus
public record IndexingReport(
    String source,
    String index,
    String bundle,
    String fingerprint,
    long total,
    long images,
    long duplicates,
    long resumed,
    Changes changes,
    long failed,
    SortedMap<String, Long> failuresByReason,
    List<Failure> failures,
    Instant started,
    double seconds,
    double imagesPerSecond,
    Map<String, Double> stageSeconds,
    CorpusProfile profile) {
  public static final int FAILURES_KEPT = 100;

  public IndexingReport with(CorpusProfile other) {
    return new IndexingReport(
        source,
        index,
        bundle,
        fingerprint,
        total,
        images,
        duplicates,
        resumed,
        changes,
        failed,
        failuresByReason,
        failures,
        started,
        seconds,
        imagesPerSecond,
        stageSeconds,
        other);
  }

  public IndexingReport {
    failuresByReason = Collections.unmodifiableSortedMap(new TreeMap<>(failuresByReason));
    failures = List.copyOf(failures);
    stageSeconds = Collections.unmodifiableMap(new TreeMap<>(stageSeconds));
  }
}
