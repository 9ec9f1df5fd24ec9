package gill.web.api;

import gill.engine.flow.ImageId;
import gill.engine.flow.SearchAnswer;
import gill.engine.flow.SearchRequest;
import io.javalin.http.Context;
import java.util.HashSet;
import java.util.Set;

/// `POST /v1/search`: the corpus, by texts, pictures, stored images and vectors (docs/search.md).
final class SearchApi {
  private final Service service;
  private final SearchReader reader;

  SearchApi(Service service) {
    this.service = service;
    this.reader = new SearchReader(service.images(), service.limits());
  }

  void handle(Context ctx) {
    SearchReader.Read read = reader.read(Fields.parse(Bodies.json(ctx, service.limits())));
    Set<ImageId> shown = shown(read, ctx);
    try (Admission.Ticket _ = service.admission().enter()) {
      SearchRequest request = unseen(read.request(service.images()), shown);
      SearchAnswer answer =
          service
              .metrics()
              .step(Metrics.Step.FULL_KNN_REQUEST, () -> service.answerer().search(request));
      ctx.json(Views.Search.of(answer));
    }
  }

  /// What the conversation that the request names has shown.
  private Set<ImageId> shown(SearchReader.Read read, Context ctx) {
    return read.session().isEmpty()
        ? Set.of()
        : service.conversations().shown(read.session(), Guard.owner(ctx));
  }

  private static SearchRequest unseen(SearchRequest request, Set<ImageId> shown) {
    Set<ImageId> excluded = new HashSet<>(request.excluded());
    excluded.addAll(shown);
    return request.without(excluded);
  }
}
