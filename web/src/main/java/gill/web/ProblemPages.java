package gill.web;

import gill.web.api.Problem;
import gill.web.api.RequestId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Answers what Jetty refuses before a route is found (a broken request line, an ambiguous path,
/// headers too large) with the same problem documents as everything else.
final class ProblemPages extends ErrorHandler {
  private final JsonMapper json;

  ProblemPages(JsonMapper json) {
    this.json = json;
  }

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int status,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    String id = RequestId.fresh();
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problem.CONTENT_TYPE);
    response.getHeaders().put(RequestId.HEADER, id);
    response.write(true, ByteBuffer.wrap(body(status, id)), callback);
  }

  @Override
  public ByteBuffer badMessageError(
      int status, @Nullable String reason, HttpFields.Mutable fields) {
    String id = RequestId.fresh();
    fields.put(HttpHeader.CONTENT_TYPE, Problem.CONTENT_TYPE);
    fields.put(RequestId.HEADER, id);
    return ByteBuffer.wrap(body(status, id));
  }

  @Override
  public boolean errorPageForMethod(String method) {
    return true;
  }

  private byte[] body(int status, String id) {
    String detail =
        status >= 500
            ? "The server failed on this request; its log says why."
            : "The request is not valid HTTP for this server: "
                + HttpStatus.getMessage(status)
                + ".";
    String code = status >= 500 ? "internal_error" : "bad_request";
    return json.writeValueAsString(new Problem(status, code, detail).body().of(id))
        .getBytes(StandardCharsets.UTF_8);
  }
}
