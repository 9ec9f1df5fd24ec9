package gill.web.jobs;

import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A job as it stands at one moment, and as it is kept.
///
/// @param id of two jobs of one second, the later one's is the greater
/// @param owner name of the key it belongs to; empty where none was asked for
/// @param asked the request, as an object
/// @param created Unix seconds
/// @param started Unix seconds; 0 = not yet
/// @param ended Unix seconds; 0 = not yet
/// @param counts images by what became of them; empty while unknown
/// @param result what a finished job gave
/// @param error why a failed one did, as a problem
public record Job(
    String id,
    String owner,
    JobKind kind,
    JsonNode asked,
    JobState state,
    long created,
    long started,
    long ended,
    @Nullable JobProgress progress,
    Map<String, Long> counts,
    @Nullable JsonNode result,
    @Nullable JsonNode error) {
  static final Comparator<Job> OLDEST_FIRST =
      Comparator.comparingLong(Job::created).thenComparing(Job::id);

  public Job {
    counts = Map.copyOf(counts);
  }

  static Job queued(String id, String owner, JobKind kind, JsonNode asked, long now) {
    return new Job(id, owner, kind, asked, JobState.QUEUED, now, 0, 0, null, Map.of(), null, null);
  }

  Job running(long now) {
    return new Job(
        id, owner, kind, asked, JobState.RUNNING, created, now, 0, null, counts, null, null);
  }

  Job at(JobProgress progress, Map<String, Long> counts) {
    return new Job(
        id, owner, kind, asked, state, created, started, ended, progress, counts, null, null);
  }

  Job done(JsonNode result, Map<String, Long> more, long now) {
    Map<String, Long> all = new TreeMap<>(counts);
    all.putAll(more);
    return new Job(
        id, owner, kind, asked, JobState.DONE, created, started, now, progress, all, result, null);
  }

  Job cancelled(long now) {
    return new Job(
        id,
        owner,
        kind,
        asked,
        JobState.CANCELLED,
        created,
        started,
        now,
        progress,
        counts,
        null,
        null);
  }

  Job failed(JsonNode error, long now) {
    return new Job(
        id,
        owner,
        kind,
        asked,
        JobState.FAILED,
        created,
        started,
        now,
        progress,
        counts,
        null,
        error);
  }
}
