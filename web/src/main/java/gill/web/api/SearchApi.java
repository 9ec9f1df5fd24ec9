package gill.web.api;

import gill.engine.flow.SearchAnswer;
import gill.engine.flow.SearchRequest;
import io.javalin.http.Context;

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
    try (Admission.Ticket _ = service.admission().enter()) {
      SearchRequest request = read.request(service.images());
      SearchAnswer answer =
          service
              .metrics()
              .step(Metrics.Step.FULL_KNN_REQUEST, () -> service.answerer().search(request));
      ctx.json(Views.Search.of(answer));
    }
  }
}
