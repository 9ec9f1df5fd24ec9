package gill.web.api;

import gill.engine.fault.CorpusUnavailableException;
import gill.engine.fault.IndexException;
import gill.engine.fault.InferenceException;
import gill.engine.fault.QueryException;
import gill.web.jobs.JobInterruptedException;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/// Turns whatever went wrong into a problem document. What is not the caller's fault is logged and
/// answered without its details.
final class Problems {
  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
  private static final String RETRY_SECONDS = "2";

  private Problems() {}

  /// The problem a failure stands for; unexpected ones are logged.
  static Problem of(Exception fault) {
    return switch (fault) {
      case Problem problem -> problem;
      case InferenceException refused
          when refused.reason() == InferenceException.Reason.OVERLOADED ->
          new Problem(
              503, "overloaded", sentence(refused.getMessage()) + " Try again in a few seconds.");
      case InferenceException refused when refused.reason() == InferenceException.Reason.REFUSED ->
          new Problem(422, "refused", sentence(refused.getMessage()));
      case CorpusUnavailableException away -> {
        LOG.warn("{}", away.getMessage());
        yield new Problem(
            503, "corpus_unavailable", "The corpus cannot be searched now. Try again later.");
      }
      case QueryException refused ->
          new Problem(
              422,
              switch (refused.reason()) {
                case INVALID -> "invalid_value";
                case UNKNOWN_IMAGE -> "image_gone";
                case STALE_CURSOR -> "stale_cursor";
              },
              sentence(refused.getMessage()),
              refused.field());
      case HttpResponseException e -> ofStatus(e);
      case JobInterruptedException e -> new Problem(503, "interrupted", sentence(e.getMessage()));
      case IndexException e -> new Problem(409, "index_refused", sentence(e.getMessage()));
      default -> {
        LOG.error("a request failed", fault);
        yield internal();
      }
    };
  }

  static Problem internal() {
    return new Problem(
        500, "internal_error", "The server failed on this request; its log says why.");
  }

  static String sentence(@Nullable String message) {
    String text = message == null ? "The models refused the request" : message;
    String first = text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    return first.endsWith(".") ? first : first + ".";
  }

  private static Problem ofStatus(HttpResponseException e) {
    return switch (e.getStatus()) {
      case 404 ->
          new Problem(
              404, "not_found", "There is nothing at this address; see docs/api.md for the API.");
      case 405 ->
          new Problem(
              405,
              "method_not_allowed",
              "This address answers to "
                  + e.getDetails().getOrDefault("availableMethods", "another method")
                  + " only.");
      default -> new Problem(e.getStatus(), "request_failed", String.valueOf(e.getMessage()));
    };
  }

  static void send(Context ctx, Problem problem, JsonMapper json) {
    if (ctx.res().isCommitted()) {
      return;
    }
    if (problem.status() == 503) {
      ctx.header("Retry-After", RETRY_SECONDS);
    }
    ctx.header("Cache-Control", "no-store");
    ctx.removeHeader("ETag");
    ctx.status(problem.status())
        .contentType(Problem.CONTENT_TYPE)
        // As bytes: JSON is UTF-8, which a string would be only where the content type says so.
        .result(json.writeValueAsBytes(problem.body().of(RequestId.current())));
  }
}
