package gill.web.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A request that cannot be answered, as an RFC 9457 problem. The detail says the rule, the value
/// and the remedy; it never holds a stack trace.
public final class Problem extends RuntimeException {
  public static final String CONTENT_TYPE = "application/problem+json";

  private final Body body;

  /// The document that is sent.
  ///
  /// @param code what a program tells cases apart by
  /// @param field the field of the request at fault, as a path such as `messages[0].content`
  /// @param error the same once more, where OpenAI's clients look for it
  /// @param requestId as in the head of the answer and in the log; null outside of a request
  @JsonInclude(Include.NON_NULL)
  public record Body(
      String type,
      String title,
      int status,
      String code,
      String detail,
      @Nullable String field,
      OpenAiError error,
      @Nullable String requestId) {
    /// The same, told of a request.
    public Body of(@Nullable String request) {
      return new Body(type, title, status, code, detail, field, error, request);
    }
  }

  /// An error in OpenAI's shape: their clients show its message and compare its code.
  public record OpenAiError(String message, String type, String code, @Nullable String param) {}

  public Problem(int status, String code, String detail) {
    this(status, code, detail, null);
  }

  public Problem(int status, String code, String detail, @Nullable String field) {
    super(detail, null, false, false);
    String title = title(status);
    this.body =
        new Body(
            "about:blank",
            title,
            status,
            code,
            detail,
            field,
            new OpenAiError(detail, title, code, field),
            null);
  }

  static Problem wrongType(String field, String wanted, String got) {
    return new Problem(
        400, "wrong_type", field + " must be " + wanted + ", but is " + got + ".", field);
  }

  static Problem invalid(String field, String detail) {
    return new Problem(422, "invalid_value", detail, field);
  }

  static Problem tooLong(String field, int characters, int most) {
    return new Problem(
        422,
        "prompt_too_long",
        field
            + " holds "
            + characters
            + " characters, at most "
            + most
            + " are read; shorten it or leave out what is oldest.",
        field);
  }

  static Problem missing(String field, String detail) {
    return new Problem(400, "missing_field", detail, field);
  }

  public Body body() {
    return body;
  }

  /// What OpenAI's clients expect in a stream that fails midway.
  Map<String, OpenAiError> asEvent() {
    return Map.of("error", body.error());
  }

  public int status() {
    return body.status();
  }

  private static String title(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 408 -> "Request Timeout";
      case 409 -> "Conflict";
      case 410 -> "Gone";
      case 413 -> "Content Too Large";
      case 415 -> "Unsupported Media Type";
      case 422 -> "Unprocessable Content";
      case 429 -> "Too Many Requests";
      case 500 -> "Internal Server Error";
      case 503 -> "Service Unavailable";
      default -> "Request Failed";
    };
  }
}
