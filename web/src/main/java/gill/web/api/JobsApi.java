package gill.web.api;

import gill.web.access.Scope;
import gill.web.jobs.Job;
import gill.web.jobs.JobKind;
import gill.web.jobs.JobQueueFullException;
import gill.web.jobs.JobState;
import gill.web.jobs.JobWork;
import gill.web.jobs.Jobs;
import gill.web.sse.EventLog;
import gill.web.sse.EventStream;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `/v1/jobs`: indexing and drawing that go on without a connection. A key sees its own jobs, one
/// of the scope admin all of them.
final class JobsApi {
  private static final int MOST_LISTED = 200;

  private final Service service;
  private final Jobs jobs;
  private final Guard guard;
  private final IndexJobs indexing;
  private final GenerationJobs drawing;

  JobsApi(Service service, Jobs jobs, Guard guard, IndexJobs indexing, GenerationJobs drawing) {
    this.service = service;
    this.jobs = jobs;
    this.guard = guard;
    this.indexing = indexing;
    this.drawing = drawing;
  }

  record Listing(List<ObjectNode> jobs, int total) {}

  void add(Context ctx) {
    Fields fields = Fields.parse(Bodies.json(ctx, service.limits()));
    if (fields.text("kind").isEmpty()) {
      throw Problem.missing("kind", "kind is missing; send index or generation.");
    }
    JobKind kind = fields.choice("kind", JobKind.class, JobKind.GENERATION);
    ObjectNode asked = fields.copy();
    JobWork work =
        switch (kind) {
          case INDEX -> {
            guard.check(ctx, Scope.ADMIN, false);
            yield indexing.work(fields, asked);
          }
          case GENERATION -> drawing.work(fields);
        };
    Job job;
    try {
      job = jobs.submit(kind, Guard.owner(ctx), asked, work);
    } catch (JobQueueFullException e) {
      throw new Problem(503, "overloaded", Problems.sentence(e.getMessage()));
    }
    ctx.status(202).header("Location", "/v1/jobs/" + job.id()).json(view(job));
  }

  void list(Context ctx) {
    Query query = new Query(ctx, "state", "limit");
    int limit = (int) query.integer("limit", 1, MOST_LISTED, 50);
    Optional<JobState> state = state(query.text("state"));
    boolean all = guard.allows(ctx, Scope.ADMIN);
    List<Job> found =
        jobs.list().stream()
            .filter(job -> all || job.owner().equals(Guard.owner(ctx)))
            .filter(job -> state.isEmpty() || job.state() == state.get())
            .toList();
    ctx.json(new Listing(found.stream().limit(limit).map(this::view).toList(), found.size()));
  }

  private static Optional<JobState> state(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Stream.of(JobState.values())
            .filter(it -> it.id().equals(text))
            .findFirst()
            .orElseThrow(() ->
                Problem.invalid(
                    "state",
                    "state must be queued, running, done, failed or cancelled, got "
                        + Fields.quote(text)
                        + ".")));
  }

  /// One job, with a look at what it draws; lists do without that.
  void get(Context ctx) {
    Job job = job(ctx);
    ObjectNode view = view(job);
    jobs.preview(job.id()).ifPresent(look -> view.set("preview", look));
    ctx.json(view);
  }

  void cancel(Context ctx) {
    ctx.json(view(jobs.cancel(job(ctx).id()).orElseThrow()));
  }

  void failures(Context ctx) {
    Query query = new Query(ctx, "skip", "limit");
    int skip = (int) query.integer("skip", 0, Integer.MAX_VALUE, 0);
    int limit = (int) query.integer("limit", 1, MOST_LISTED * 5, 100);
    ctx.json(indexing.failures(job(ctx).id(), skip, limit));
  }

  /// The job's events, from the one behind `Last-Event-ID` on, until the job is over.
  void events(Context ctx) throws InterruptedException {
    Job job = job(ctx);
    long after = lastEvent(ctx);
    EventStream stream = new EventStream(ctx.disableCompression().res(), EventStream.Numbers.TOLD);
    try {
      stream.open();
      Optional<EventLog> told = jobs.events(job.id());
      if (told.isPresent()) {
        stream.follow(told.get(), after);
      } else {
        stream.event(job.state().id(), service.json().writeValueAsString(view(job)));
      }
    } catch (IOException _) {
      // The client has left; the job goes on.
    }
  }

  /// The number of the last event that a client has read; 0 = none.
  static long lastEvent(Context ctx) {
    @Nullable String text = ctx.header("Last-Event-ID");
    if (text == null || text.isBlank()) {
      return 0;
    }
    if (!text.strip().matches("[0-9]{1,18}")) {
      throw Problem.invalid(
          "Last-Event-ID",
          "Last-Event-ID must be the number of an event, got " + Fields.quote(text) + ".");
    }
    return Long.parseLong(text.strip());
  }

  private Job job(Context ctx) {
    String id = ctx.pathParam("id");
    return jobs.get(id)
        .filter(job -> guard.allows(ctx, Scope.ADMIN) || job.owner().equals(Guard.owner(ctx)))
        .orElseThrow(() ->
            new Problem(
                404,
                "job_not_found",
                "There is no job " + Fields.quote(id) + " (any more); GET /v1/jobs lists them."));
  }

  private ObjectNode view(Job job) {
    return JobView.of(job, jobs.place(job), service.json());
  }

  /// The place in the queue that an event's job has is not told: events begin when it runs.
  static JsonNode told(Job job, tools.jackson.databind.json.JsonMapper json) {
    return JobView.of(job, 0, json);
  }

  static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
