package gill.web.jobs;

import gill.engine.flow.Cancellation;
import java.util.Map;

/// What the work of a job sees of its job.
public interface RunningJob extends Cancellation {
  String id();

  /// Tells how far it is; readers see it at most a few times a second.
  void progress(JobProgress progress, Map<String, Long> counts);

  /// Shows what the job's result looks like by now: in an event, and until the next one or the
  /// job's end to whoever asks.
  void preview(Object look);
}
