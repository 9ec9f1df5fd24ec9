package gill.web.api;

import gill.web.jobs.Corpora;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// `GET /v1/corpora` and `/v1/takedowns`: what an operator sees and does.
final class CorporaApi {
  /// Fields of a takedown, and what an entry of the list calls them.
  private static final Map<String, String> KINDS =
      Map.of("ids", "id", "sha256", "sha256", "phash", "phash", "urls", "url");

  private static final int MOST = 10_000;

  private final Service service;
  private final Corpora corpora;

  CorporaApi(Service service, Corpora corpora) {
    this.service = service;
    this.corpora = corpora;
  }

  record Listing(List<Corpora.Corpus> corpora, boolean indexing) {}

  record Takedowns(List<Corpora.TakenDown> takedowns) {}

  record Done(int removed, int images, List<Corpora.TakenDown> takedowns) {}

  void list(Context ctx) {
    ctx.json(new Listing(corpora.list(), corpora.allowsIndexing()));
  }

  void takedowns(Context ctx) {
    ctx.json(new Takedowns(corpora.takedowns()));
  }

  void takeDown(Context ctx) {
    Fields fields = Fields.parse(Bodies.json(ctx, service.limits()));
    List<Corpora.TakenDown> which = new ArrayList<>();
    for (String field : List.of("ids", "sha256", "phash", "urls")) {
      List<JsonNode> values = fields.array(field).orElse(List.of());
      for (int i = 0; i < values.size(); i++) {
        which.add(
            new Corpora.TakenDown(
                String.valueOf(KINDS.get(field)),
                Fields.textOf(values.get(i), field + "[" + i + "]")));
      }
    }
    fields.done();
    if (which.isEmpty() || which.size() > MOST) {
      throw Problem.invalid(
          "ids",
          "Name 1 to " + MOST + " images by ids, sha256, phash or urls, got " + which.size() + ".");
    }
    try {
      Corpora.TakedownResult result = corpora.takeDown(which);
      ctx.json(new Done(result.removed(), result.images(), which));
    } catch (IllegalArgumentException e) {
      throw Problem.invalid("ids", Problems.sentence(e.getMessage()));
    }
  }
}
