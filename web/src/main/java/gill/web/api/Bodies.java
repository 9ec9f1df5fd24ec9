package gill.web.api;

import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Reads request bodies.
final class Bodies {
  private Bodies() {}

  /// The body of a JSON request. Refuses another content type.
  static byte[] json(Context ctx, Limits limits) {
    String type = ctx.contentType();
    String bare = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!bare.equals("application/json")) {
      throw new Problem(
          415,
          "unsupported_media_type",
          "The content type must be application/json, got "
              + (bare.isEmpty() ? "none" : Fields.quote(bare))
              + ".");
    }
    return bytes(ctx, limits);
  }

  /// The body of a request whose client may not say that it is JSON.
  static byte[] anyType(Context ctx, Limits limits) {
    return ctx.contentType() == null ? bytes(ctx, limits) : json(ctx, limits);
  }

  // The JSON reader takes overlong forms, behind which a character can hide from a filter.
  private static void requireUtf8(byte[] body) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
    } catch (CharacterCodingException _) {
      throw new Problem(
          400, "invalid_json", "The body is not valid UTF-8; send JSON encoded in UTF-8.");
    }
  }

  /// A body that came by another way than HTTP, as strictly.
  static void check(byte[] body, Limits limits) {
    if (body.length > limits.bodyBytes()) {
      throw tooLarge(limits);
    }
    requireUtf8(body);
  }

  private static byte[] bytes(Context ctx, Limits limits) {
    try {
      byte[] body = ctx.bodyAsBytes();
      requireUtf8(body);
      return body;
    } catch (HttpResponseException e) {
      if (e.getStatus() != 413) {
        throw e;
      }
      throw tooLarge(limits);
    }
  }

  private static Problem tooLarge(Limits limits) {
    return new Problem(
        413,
        "body_too_large",
        "The body has more than the "
            + limits.bodyBytes()
            + " bytes a request may have. Send fewer or smaller images.");
  }
}
