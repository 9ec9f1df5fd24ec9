package gill.web.jobs;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/// What a job does, on a thread of its own. It ends early with
/// [java.util.concurrent.CancellationException] when its job is cancelled; what else it throws is
/// the job's failure.
@FunctionalInterface
public interface JobWork {
  /// @param result for whoever asked
  /// @param counts images by what became of them
  record Outcome(JsonNode result, Map<String, Long> counts) {}

  Outcome run(RunningJob job) throws InterruptedException;
}
