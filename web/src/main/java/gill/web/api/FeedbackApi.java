package gill.web.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import gill.engine.fault.IndexException;
import gill.engine.fault.InferenceException;
import io.javalin.http.Context;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `POST /v1/feedback` keeps what a reader thought of an image; `GET /v1/feedback` lists it.
final class FeedbackApi {
  private static final Logger LOG = LoggerFactory.getLogger(FeedbackApi.class);
  private static final int MOST_LISTED = 1000;

  private final Service service;
  private final FeedbackStore store;
  private final List<Path> kept;

  /// @param kept folder for generated pictures that were accepted; none = they are not kept
  FeedbackApi(Service service, FeedbackStore store, List<Path> kept) {
    this.service = service;
    this.store = store;
    this.kept = kept;
  }

  record Listing(List<FeedbackStore.Entry> feedback) {}

  /// What became of feedback.
  ///
  /// @param keptAs id in the index of the generated picture that was accepted
  /// @param notKept why an accepted one is not in the index
  @JsonInclude(Include.NON_NULL)
  record Added(
      @JsonUnwrapped FeedbackStore.Entry entry,
      @Nullable String keptAs,
      @Nullable String notKept) {}

  void add(Context ctx) {
    Feedback feedback = Feedback.parse(Bodies.json(ctx, service.limits()));
    FeedbackStore.Entry entry = store.add(feedback, service.clock().millis() / 1000);
    ctx.status(201).json(bringHome(entry));
  }

  /// Indexes the generated picture that the feedback accepts, if it does and they are kept.
  private Added bringHome(FeedbackStore.Entry entry) {
    Optional<String> accepted = entry.feedback().accepted();
    if (kept.isEmpty() || accepted.isEmpty()) {
      return new Added(entry, null, null);
    }
    try {
      return service
          .answerer()
          .keep(accepted.get(), kept.getFirst())
          .map(id -> new Added(entry, id.value(), null))
          .orElseGet(
              () -> new Added(entry, null, "The picture is no longer at hand, or was taken down."));
    } catch (IndexException | InferenceException e) {
      LOG.warn("an accepted picture was not kept: {}", e.getMessage());
      return new Added(entry, null, "The index cannot be written now; say it again later.");
    }
  }

  void list(Context ctx) {
    Query query = new Query(ctx, "after", "limit");
    long after = query.integer("after", 0, Long.MAX_VALUE - 1, 0);
    int limit = (int) query.integer("limit", 1, MOST_LISTED, 100);
    ctx.json(new Listing(store.list(after, limit)));
  }
}
