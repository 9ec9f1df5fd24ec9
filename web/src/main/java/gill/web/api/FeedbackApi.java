package gill.web.api;

import io.javalin.http.Context;
import java.util.List;

/// `POST /v1/feedback` keeps what a reader thought of an image; `GET /v1/feedback` lists it.
final class FeedbackApi {
  private static final int MOST_LISTED = 1000;

  private final Service service;
  private final FeedbackStore store;

  FeedbackApi(Service service, FeedbackStore store) {
    this.service = service;
    this.store = store;
  }

  record Listing(List<FeedbackStore.Entry> feedback) {}

  void add(Context ctx) {
    Feedback feedback = Feedback.parse(Bodies.json(ctx, service.limits()));
    ctx.status(201).json(store.add(feedback, service.clock().millis() / 1000));
  }

  void list(Context ctx) {
    Query query = new Query(ctx, "after", "limit");
    long after = query.integer("after", 0, Long.MAX_VALUE - 1, 0);
    int limit = (int) query.integer("limit", 1, MOST_LISTED, 100);
    ctx.json(new Listing(store.list(after, limit)));
  }
}
