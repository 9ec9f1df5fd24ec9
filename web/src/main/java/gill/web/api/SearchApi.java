package gill.web.api;

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
      ctx.json(Views.Search.of(service.answerer().search(read.request(service.images()))));
    }
  }
}
