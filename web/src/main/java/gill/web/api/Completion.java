package gill.web.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import gill.engine.flow.StopReason;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The JSON shapes of OpenAI's chat completions, with images and the extension object `gill`.
final class Completion {
  private Completion() {}

  record ImageUrl(String url) {}

  /// A part of an answer: `text` or `image_url`; an image carries where it comes from.
  @JsonInclude(Include.NON_NULL)
  record Part(
      String type, @Nullable String text, @Nullable ImageUrl imageUrl, Views.@Nullable Shown gill) {
    static Part text(String text) {
      return new Part("text", text, null, null);
    }

    static Part image(Views.Image image, Views.Shown shown) {
      return new Part("image_url", null, new ImageUrl(image.url()), shown);
    }
  }

  /// @param content a string when the answer holds no image, else a list of [Part]
  @JsonInclude(Include.NON_NULL)
  record Message(String role, Object content, @Nullable List<Views.Shown> withoutImage) {
    /// What the message is made of, in reading order.
    List<Part> parts() {
      return content instanceof List<?> list
          ? list.stream().map(Part.class::cast).toList()
          : List.of(Part.text(String.valueOf(content)));
    }
  }

  record Choice(int index, Message message, String finishReason) {}

  /// @param cachedTokens prompt tokens the model had read before, for other answers
  record PromptTokensDetails(int cachedTokens) {}

  record Usage(
      int promptTokens,
      int completionTokens,
      int totalTokens,
      PromptTokensDetails promptTokensDetails) {
    static Usage of(gill.engine.flow.Usage usage) {
      return new Usage(
          usage.promptTokens(),
          usage.completionTokens(),
          usage.promptTokens() + usage.completionTokens(),
          new PromptTokensDetails(usage.cachedTokens()));
    }
  }

  /// What goes beyond OpenAI's shape.
  ///
  /// @param message where the answer is in the session
  @JsonInclude(Include.NON_NULL)
  record Extension(
      Map<String, Double> timingsMs,
      @Nullable String sessionId,
      @Nullable Integer message,
      String stopReason) {}

  record Answer(
      String id,
      String object,
      long created,
      String model,
      List<Choice> choices,
      Usage usage,
      Extension gill) {}

  /// @param images each as a [Part] of type `image_url`
  /// @param withoutImage an image was wanted but none can be shown; says why
  @JsonInclude(Include.NON_NULL)
  record Delta(
      @Nullable String role,
      @Nullable String content,
      @Nullable List<Part> images,
      @Nullable List<Views.Shown> withoutImage) {
    static Delta role(String role) {
      return new Delta(role, "", null, null);
    }

    static Delta text(String text) {
      return new Delta(null, text, null, null);
    }

    static Delta image(Part part) {
      return new Delta(null, null, List.of(part), null);
    }

    static Delta withoutImage(Views.Shown shown) {
      return new Delta(null, null, null, List.of(shown));
    }

    static Delta nothing() {
      return new Delta(null, null, null, null);
    }
  }

  /// `finish_reason` is written as null until the last chunk, as OpenAI does.
  record ChunkChoice(int index, Delta delta, @Nullable String finishReason) {}

  @JsonInclude(Include.NON_NULL)
  record Chunk(
      String id,
      String object,
      long created,
      String model,
      List<ChunkChoice> choices,
      @Nullable Usage usage,
      @Nullable Extension gill) {}

  static String finishReason(StopReason reason) {
    return switch (reason) {
      case END_OF_TURN, CANCELLED -> "stop";
      case MAX_TOKENS, CONTEXT_FULL -> "length";
    };
  }
}
