package gill.web.jobs;

import gill.engine.flow.Cancellation;
import java.util.Map;

/// What the work of a job sees of its job.
public interface RunningJob extends Cancellation {
  String id();

  /// Tells how far it is; readers see it at most a few times a second.
  void progress(JobProgress progress, Map<String, Long> counts);

  /// Tells something else, such as a preview, to those who read the job's events.
  void tell(String event, Object data);
}
