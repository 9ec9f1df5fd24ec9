package gill.langchain4j;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.image.ImageModel;
import dev.langchain4j.model.output.Response;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// LangChain4j's image model over a GILL server: a picture of the corpus where it has one, else a
/// drawn one. The response's metadata says which, and where it comes from: `kind` (`retrieved` or
/// `generated`), `p_retrieve`, and `id`, `source`, `author`, `licence` or `seed`, `steps`, `model`.
///
/// An image holds its address and its bytes. Safe for use by many threads.
public final class GillImageModel implements ImageModel {
  /// Whether pictures are found or drawn.
  public enum Mode {
    /// The server's learned decision chooses.
    AUTO,
    RETRIEVE,
    GENERATE
  }

  private final GillServer server;
  private final Mode mode;
  private final long seed;

  private GillImageModel(GillServer server, Mode mode, long seed) {
    this.server = server;
    this.mode = mode;
    this.seed = seed;
  }

  public static GillImageModel of(GillServer server) {
    return new GillImageModel(server, Mode.AUTO, 0);
  }

  public GillImageModel withMode(Mode newMode) {
    return new GillImageModel(server, newMode, seed);
  }

  /// Of the first drawn picture; the next ones of a request take the next numbers.
  public GillImageModel withSeed(long newSeed) {
    return new GillImageModel(server, mode, newSeed);
  }

  /// One picture. Throws [InvalidRequestException] if there is none to show, and what [GillServer]
  /// throws.
  @Override
  public Response<Image> generate(String prompt) {
    JsonNode answer = lookup(prompt, 1);
    JsonNode image = answer.path("image");
    if (image.isMissingNode() || image.isNull()) {
      throw new InvalidRequestException(answer.path("note").asText("there is no image to show"));
    }
    return new Response<>(image(image, prompt), null, null, metadata(answer, image));
  }

  /// Up to `n` pictures: the nearest of the corpus if the first one is, else drawn ones. The
  /// metadata is the first one's, and under `images` each one's.
  @Override
  public Response<List<Image>> generate(String prompt, int n) {
    JsonNode answer = lookup(prompt, n);
    JsonNode first = answer.path("image");
    List<JsonNode> chosen = new ArrayList<>();
    if (first.path("kind").asText().equals("generated")) {
      chosen.add(first);
      for (int i = 1; i < n; i++) {
        chosen.add(withSeed(seed + i).withMode(Mode.GENERATE).lookup(prompt, 1).path("image"));
      }
    } else {
      answer.path("candidates").forEach(chosen::add);
    }
    List<Image> images = chosen.stream().limit(n).map(it -> image(it, prompt)).toList();
    if (images.isEmpty()) {
      throw new InvalidRequestException(answer.path("note").asText("there is no image to show"));
    }
    Map<String, Object> metadata = metadata(answer, first);
    metadata.put("images", chosen.stream().limit(n).map(it -> Provenance.of(it, server)).toList());
    return new Response<>(images, null, null, metadata);
  }

  private JsonNode lookup(String prompt, int count) {
    return server.post(
        "v1/lookup",
        Map.of(
            "prompt", prompt,
            "image_mode", mode.name().toLowerCase(Locale.ROOT),
            "k", count,
            "seed", seed));
  }

  private Image image(JsonNode image, String prompt) {
    String path = image.path("url").asText();
    HttpResponse<byte[]> file = server.get(path);
    String type = file.headers().firstValue("Content-Type").orElse("image/png");
    return Image.builder()
        .url(server.address(path))
        .base64Data(Base64.getEncoder().encodeToString(file.body()))
        .mimeType(type.split(";", 2)[0])
        .revisedPrompt(image.path("caption").asText(prompt))
        .build();
  }

  private Map<String, Object> metadata(JsonNode answer, JsonNode image) {
    Map<String, Object> metadata = new LinkedHashMap<>(Provenance.of(image, server));
    metadata.put("p_retrieve", answer.at("/decision/p_retrieve").asDouble());
    metadata.put("reason", answer.at("/decision/reason").asText());
    return metadata;
  }
}
