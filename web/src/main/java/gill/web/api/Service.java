package gill.web.api;

import gill.engine.flow.LookupResult;
import gill.engine.flow.Pixels;
import gill.engine.flow.StageTimings;
import gill.engine.flow.Turn;
import gill.engine.flow.UnitVector;
import gill.web.sse.DisconnectWatch;
import io.javalin.http.Context;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import tools.jackson.databind.json.JsonMapper;

/// What the endpoints share.
record Service(
    Answerer answerer,
    ImageRefs images,
    Limits limits,
    Admission admission,
    Streams streams,
    Conversations conversations,
    Metrics metrics,
    JsonMapper json,
    ScheduledExecutorService watchClock,
    InstantSource clock) {
  /// Finds or draws one image for the last of `drafts`. Empty if the client has left meanwhile.
  Optional<Views.Lookup> lookup(Context ctx, TurnOptions options, List<Draft> drafts) {
    try (Admission.Ticket _ = admission.enter();
        DisconnectWatch watch = watch(ctx)) {
      Turn turn = options.turn(drafts, images);
      LookupResult result = answerer.lookup(turn, _ -> {}, watch);
      metrics.shown(result.image());
      stages(ctx, result.timings());
      if (watch.isCancelled()) {
        metrics.cancelled();
        return Optional.empty();
      }
      return Optional.of(Views.Lookup.of(result, answerer.info().corpusVersion()));
    }
  }

  /// The CLIP embedding of a text, its time noted.
  UnitVector embed(String text) {
    return metrics.step(Metrics.Step.TEXT_CLIP_INFERENCE, () -> answerer.embed(text));
  }

  /// The CLIP embedding of an image, its time noted.
  UnitVector embed(Pixels image) {
    return metrics.step(Metrics.Step.IMAGE_CLIP_INFERENCE, () -> answerer.embed(image));
  }

  /// Notes how long the stages of a request took: for all requests and for this one.
  void stages(Context ctx, StageTimings timings) {
    metrics.stages(timings);
    RequestId.stages(ctx, timings);
  }

  DisconnectWatch watch(Context ctx) {
    return DisconnectWatch.start(ctx.req(), ctx.res(), watchClock);
  }
}
