package gill.web.api;

import gill.web.jobs.Job;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A job as the API shows it: what was asked for stands beside how far it is.
final class JobView {
  private JobView() {}

  /// @param place in the queue, from 1; 0 = it does not wait
  static ObjectNode of(Job job, int place, JsonMapper json) {
    ObjectNode view = json.createObjectNode();
    view.put("id", job.id());
    view.put("object", "job");
    view.put("kind", job.kind().id());
    view.put("state", job.state().id());
    if (place > 0) {
      view.put("queue_place", place);
    }
    job.asked().properties().forEach(it -> view.set(it.getKey(), it.getValue()));
    view.put("created", job.created());
    if (job.started() > 0) {
      view.put("started", job.started());
    }
    if (job.ended() > 0) {
      view.put("ended", job.ended());
    }
    if (job.progress() != null) {
      view.set("progress", json.valueToTree(job.progress()));
    }
    view.set("counts", json.valueToTree(new TreeMap<>(job.counts())));
    if (job.result() != null) {
      view.set("result", job.result());
    }
    if (job.error() != null) {
      view.set("error", job.error());
    }
    return view;
  }
}
