package gill.web.jobs;

import gill.web.store.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.h2.mvstore.MVMap;
import tools.jackson.databind.json.JsonMapper;

/// The records of jobs on disk. Of those that are over the last `most` are kept. Safe for use by
/// many threads.
final class JobStore {
  private final State state;
  private final MVMap<String, String> jobs;
  private final JsonMapper json;
  private final int most;

  JobStore(State state, JsonMapper json, int most) {
    this.state = state;
    this.jobs = state.map("jobs");
    this.json = json;
    this.most = most;
  }

  /// Gives what was queued or running when the process ended an end; returns how many there were.
  int endThoseBrokenOff(Function<Job, Job> end) {
    List<Job> open = all().stream().filter(job -> !job.state().isOver()).toList();
    open.forEach(job -> put(end.apply(job)));
    return open.size();
  }

  synchronized void put(Job job) {
    jobs.put(job.id(), json.writeValueAsString(job));
    List<Job> over = new ArrayList<>(all().stream().filter(it -> it.state().isOver()).toList());
    over.sort(Job.OLDEST_FIRST);
    for (int i = 0; i < over.size() - most; i++) {
      jobs.remove(over.get(i).id());
    }
    state.commit();
  }

  Optional<Job> get(String id) {
    return Optional.ofNullable(jobs.get(id)).map(text -> json.readValue(text, Job.class));
  }

  List<Job> all() {
    return jobs.values().stream().map(text -> json.readValue(text, Job.class)).toList();
  }
}
