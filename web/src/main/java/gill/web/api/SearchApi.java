package gill.web.api;

import gill.engine.flow.Hits;
import io.javalin.http.Context;
import java.util.Optional;

/// `POST /v1/search`: the corpus, by text or by image.
final class SearchApi {
  private static final int MOST_HITS = 200;
  private static final int MOST_CHARACTERS = 2000;

  private final Service service;

  SearchApi(Service service) {
    this.service = service;
  }

  void handle(Context ctx) {
    Fields fields = Fields.parse(Bodies.json(ctx, service.limits()));
    Optional<String> text = fields.text("text");
    Optional<String> image = fields.text("image");
    int limit = fields.integer("limit", 1, MOST_HITS, 24);
    fields.done();
    if (text.isPresent() == image.isPresent()) {
      throw Problem.missing(
          "text", "Send either text or image (a data: URI or base64), exactly one of them.");
    }
    text.ifPresent(SearchApi::check);
    Optional<ImageRefs.Ref> ref = image.map(it -> service.images().parseOrBase64(it, "image"));
    try (Admission.Ticket _ = service.admission().enter()) {
      Hits hits =
          ref.map(it -> service.answerer().search(service.images().pixels(it), limit))
              .orElseGet(() -> service.answerer().search(text.orElseThrow(), limit));
      ctx.json(new Views.SearchAnswer(Views.Candidate.of(hits.bestFirst())));
    }
  }

  private static void check(String text) {
    if (text.isBlank()) {
      throw Problem.invalid("text", "text is blank; say what to look for.");
    }
    if (text.length() > MOST_CHARACTERS) {
      throw Problem.tooLong("text", text.length(), MOST_CHARACTERS);
    }
  }
}
