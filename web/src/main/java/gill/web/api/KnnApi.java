package gill.web.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import gill.engine.flow.Hit;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.UnitVector;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The endpoints of clip-retrieval's back end, so that its `ClipClient` works as it is:
/// `/knn-service`, `/metadata` and `/indices-list`. Ids are this server's, that is, text.
final class KnnApi {
  private static final int MOST = 200;

  private final Service service;

  KnnApi(Service service) {
    this.service = service;
  }

  /// A hit; only the first `num_images` carry more than id and similarity.
  @JsonInclude(Include.NON_NULL)
  record Found(
      String id,
      double similarity,
      @Nullable String url,
      @Nullable String caption,
      @Nullable String source,
      @Nullable String licence,
      @Nullable String author) {}

  record Known(String id, Map<String, String> metadata) {}

  void indices(Context ctx) {
    ctx.json(List.of(service.answerer().info().bundle()));
  }

  void knn(Context ctx) {
    Fields fields = Fields.parse(Bodies.anyType(ctx, service.limits()));
    Models.checkIndex(fields.text("indice_name"), service.answerer().info().bundle());
    Optional<String> text = fields.text("text");
    Optional<String> address = fields.text("image_url");
    Optional<String> image = fields.text("image").or(() -> address);
    Optional<List<JsonNode>> vector = fields.array("embedding_input");
    int described = fields.integer("num_images", 1, MOST, 40);
    int listed = fields.integer("num_result_ids", 1, MOST, described);
    withoutEffect(fields);
    fields.done();
    if ((text.isPresent() ? 1 : 0) + (image.isPresent() ? 1 : 0) + (vector.isPresent() ? 1 : 0)
        != 1) {
      throw Problem.missing(
          "text", "Send one of text, image (base64), image_url and embedding_input.");
    }
    Optional<ImageRefs.Ref> ref = image.map(it -> service.images().parseOrBase64(it, "image"));
    try (Admission.Ticket _ = service.admission().enter()) {
      Hits hits =
          service
              .metrics()
              .step(
                  Metrics.Step.FULL_KNN_REQUEST,
                  () -> hits(query(text, ref, vector), Math.max(described, listed)));
      ctx.json(found(hits.bestFirst(), described));
    }
  }

  private UnitVector query(
      Optional<String> text, Optional<ImageRefs.Ref> image, Optional<List<JsonNode>> vector) {
    return text.map(service::embed)
        .or(() -> image.map(it -> service.embed(service.images().pixels(it))))
        .orElseGet(() -> vector(vector.orElseThrow()));
  }

  private Hits hits(UnitVector query, int limit) {
    return service
        .metrics()
        .step(Metrics.Step.KNN_INDEX, () -> service.answerer().search(query, limit));
  }

  // What the client always sends. Only a request that would change the answer is refused.
  private static void withoutEffect(Fields fields) {
    Optional<String> modality = fields.text("modality");
    if (modality.isPresent() && !modality.get().equals("image")) {
      throw Problem.invalid("modality", "modality must be image: only images are indexed here.");
    }
    if (fields.flag("use_mclip")) {
      throw Problem.invalid("use_mclip", "use_mclip must be false: there is one text encoder.");
    }
    fields.flag("deduplicate");
    fields.flag("use_safety_model");
    fields.flag("use_violence_detector");
    fields.node("aesthetic_score");
    fields.node("aesthetic_weight");
  }

  private UnitVector vector(List<JsonNode> numbers) {
    int dimension = service.answerer().embed("a").dimension();
    if (numbers.size() != dimension) {
      throw Problem.invalid(
          "embedding_input",
          "embedding_input must hold " + dimension + " numbers, got " + numbers.size() + ".");
    }
    float[] values = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      if (!numbers.get(i).isNumber()) {
        throw Problem.wrongType(
            "embedding_input[" + i + "]", "a number", Fields.kind(numbers.get(i)));
      }
      values[i] = numbers.get(i).floatValue();
    }
    try {
      return UnitVector.normalise(values);
    } catch (IllegalArgumentException e) {
      throw Problem.invalid("embedding_input", "embedding_input: " + e.getMessage() + ".");
    }
  }

  private static List<Found> found(List<Hit> hits, int described) {
    List<Found> found = new ArrayList<>();
    for (Hit hit : hits) {
      Views.Candidate it = Views.Candidate.of(hit);
      found.add(
          found.size() < described
              ? new Found(
                  it.id(),
                  it.score(),
                  it.url(),
                  it.caption(),
                  it.source(),
                  it.licence(),
                  it.author())
              : new Found(it.id(), it.score(), null, null, null, null, null));
    }
    return found;
  }

  void metadata(Context ctx) {
    Fields fields = Fields.parse(Bodies.anyType(ctx, service.limits()));
    Models.checkIndex(fields.text("indice_name"), service.answerer().info().bundle());
    Optional<List<JsonNode>> ids = fields.array("ids");
    fields.done();
    List<JsonNode> wanted =
        ids.orElseThrow(() -> Problem.missing("ids", "ids is missing; send an array of ids."));
    if (wanted.size() > MOST) {
      throw Problem.invalid("ids", "ids holds " + wanted.size() + ", at most " + MOST + ".");
    }
    List<Known> known = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      String id = Fields.textOf(wanted.get(i), "ids[" + i + "]");
      if (!id.isBlank() && id.length() <= 512) {
        service
            .metrics()
            .step(Metrics.Step.METADATA_GET, () -> service.answerer().image(new ImageId(id)))
            .ifPresent(it -> known.add(known(it)));
      }
    }
    ctx.json(known);
  }

  private static Known known(ImageRecord image) {
    Map<String, String> metadata = new LinkedHashMap<>(image.metadata());
    metadata.put("url", ImageUrls.of(image.id()));
    metadata.put("caption", image.caption());
    metadata.put("source", image.source());
    metadata.put("licence", image.licence());
    metadata.put("author", image.author());
    return new Known(image.id().value(), metadata);
  }
}
