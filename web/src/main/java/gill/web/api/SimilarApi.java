package gill.web.api;

import gill.engine.flow.Pixels;
import gill.engine.flow.QueryPart;
import gill.engine.flow.SearchAnswer;
import gill.engine.flow.SearchRequest;
import io.javalin.http.Context;
import java.util.List;
import java.util.Map;

/// `GET /v1/images/{id}/similar`: corpus images near an image that this server shows, corpus or
/// generated.
final class SimilarApi {
  private static final int MOST = 200;

  private final Service service;

  SimilarApi(Service service) {
    this.service = service;
  }

  void handle(Context ctx) {
    String id = ctx.pathParam("id");
    int limit = (int) new Query(ctx, "limit").integer("limit", 1, MOST, 24);
    ImageRefs.Ref ref = service.images().shown(id);
    try (Admission.Ticket _ = service.admission().enter()) {
      Pixels pixels = service.images().pixels(ref);
      // One more is asked for, as the image finds itself.
      SearchAnswer answer =
          service
              .answerer()
              .search(new SearchRequest(List.of(new QueryPart.Picture(pixels, 1)), limit + 1));
      List<SearchAnswer.Found> others =
          answer.hits().stream().filter(hit -> !hit.id().value().equals(id)).limit(limit).toList();
      ctx.json(Views.Search.of(new SearchAnswer(others, "", Map.of(), answer.calibrated())));
    }
  }
}
