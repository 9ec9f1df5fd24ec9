package gill.web.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import gill.engine.flow.Output;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The JSON shapes of OpenAI's image generation.
final class Drawn {
  private Drawn() {}

  static String base64(Output.GeneratedImage image) {
    return Base64.getEncoder().encodeToString(image.picture().png());
  }

  /// @param gill how the image was made: seed, steps, guidance, model
  @JsonInclude(Include.NON_NULL)
  record Picture(
      @Nullable String url, @JsonProperty("b64_json") @Nullable String base64, Views.Shown gill) {}

  record Answer(long created, List<Picture> data, String outputFormat, String size) {}

  record InputDetails(int imageTokens, int textTokens) {}

  /// OpenAI's clients expect token counts; a picture is not made of tokens here.
  record Usage(
      int inputTokens, InputDetails inputTokensDetails, int outputTokens, int totalTokens) {
    static final Usage NONE = new Usage(0, new InputDetails(0, 0), 0, 0);
  }

  /// What a picture of a job looks like by now.
  ///
  /// @param picture its place in the result, from 0
  record Look(int picture, @JsonProperty("b64_json") String base64, int step, int of) {}

  /// Where an unfinished picture stands.
  record Stage(int picture, int step, int of) {}

  /// The event `image_generation.partial_image`.
  ///
  /// @param partialImageIndex which look at this picture it is, from 0
  record Partial(
      String type,
      @JsonProperty("b64_json") String base64,
      long createdAt,
      String size,
      String quality,
      String background,
      String outputFormat,
      int partialImageIndex,
      Stage gill) {}

  /// The event `image_generation.completed`.
  record Completed(
      String type,
      @JsonProperty("b64_json") String base64,
      long createdAt,
      String size,
      String quality,
      String background,
      String outputFormat,
      Usage usage,
      Views.Shown gill) {}
}
