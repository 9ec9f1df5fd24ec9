package gill.web.api;

import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.jspecify.annotations.Nullable;

/// Reads request bodies.
final class Bodies {
  private static final String PATIENCE = "gill.patience";
  private static final int PIECE = 16_384;

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

  /// Says how slowly the body of this request may come.
  static void bear(Context ctx, Patience patience) {
    ctx.attribute(PATIENCE, patience);
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
    @Nullable String encoding = ctx.header("Content-Encoding");
    if (encoding != null && !encoding.strip().equalsIgnoreCase("identity")) {
      throw new Problem(
          415,
          "unsupported_media_type",
          "The body must be sent as it is, without Content-Encoding, got "
              + Fields.quote(encoding)
              + ".");
    }
    if (ctx.req().getContentLengthLong() > limits.bodyBytes()) {
      throw tooLarge(limits);
    }
    try {
      InputStream in = ctx.req().getInputStream();
      byte[] body = read(in, limits, patience(ctx));
      requireUtf8(body);
      return body;
    } catch (IOException e) {
      if (e instanceof InterruptedIOException || e.getCause() instanceof TimeoutException) {
        throw tooSlow();
      }
      throw new Problem(
          400, "bad_request", "The body broke off before its end; send the request again.");
    } catch (HttpException.RuntimeException e) {
      throw new Problem(
          e.getCode(), "bad_request", "The body cannot be read: " + e.getReason() + ".");
    }
  }

  private static Patience patience(Context ctx) {
    @Nullable Patience said = ctx.attribute(PATIENCE);
    return said == null ? Patience.DEFAULT : said;
  }

  private static byte[] read(InputStream in, Limits limits, Patience patience) throws IOException {
    long began = System.nanoTime();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] piece = new byte[PIECE];
    int count = in.read(piece);
    while (count >= 0) {
      all.write(piece, 0, count);
      if (all.size() > limits.bodyBytes()) {
        throw tooLarge(limits);
      }
      if (patience.isExhausted(all.size(), Duration.ofNanos(System.nanoTime() - began))) {
        throw tooSlow();
      }
      count = in.read(piece);
    }
    return all.toByteArray();
  }

  private static Problem tooSlow() {
    return new Problem(
        408, "too_slow", "The body came too slowly or not at all; send the request again.");
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
