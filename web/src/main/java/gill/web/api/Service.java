package gill.web.api;

import gill.web.sse.DisconnectWatch;
import io.javalin.http.Context;
import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;
import tools.jackson.databind.json.JsonMapper;

/// What the endpoints share.
record Service(
    Answerer answerer,
    ImageRefs images,
    Limits limits,
    Admission admission,
    Conversations conversations,
    Metrics metrics,
    JsonMapper json,
    ScheduledExecutorService watchClock,
    InstantSource clock) {
  DisconnectWatch watch(Context ctx) {
    return DisconnectWatch.start(ctx.req(), ctx.res(), watchClock);
  }
}
