package gill.web.api;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// `GET /openapi.json`: the API, described for programs (OpenAPI 3.1).
final class Description {
  private final byte[] document;

  Description() {
    try (InputStream in = Description.class.getResourceAsStream("/openapi.json")) {
      if (in == null) {
        throw new IllegalStateException("openapi.json is missing from the program");
      }
      document = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read openapi.json", e);
    }
  }

  void handle(Context ctx) {
    ctx.contentType("application/json").result(document);
  }
}
