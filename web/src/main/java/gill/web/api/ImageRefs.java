package gill.web.api;

import gill.engine.flow.GeneratedPicture;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.Pixels;
import gill.engine.vision.ImageReader;
import gill.engine.vision.ReadResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/// Turns an image as a request names it into pixels: a `data:` URI, plain base64, or an address
/// under `/v1/images` of this server. Nothing is ever fetched from elsewhere.
final class ImageRefs {
  private final Answerer answerer;
  private final Limits limits;
  private final Function<String, Optional<byte[]>> kept;
  private final Work work;

  /// An image of a request, not yet decoded. `corpusId` names it if it is of the corpus.
  sealed interface Ref {
    record Upload(byte[] bytes, String field) implements Ref {}

    record Corpus(ImageId id, String field) implements Ref {}

    record Generated(String sha256, String field) implements Ref {}

    /// What was sent with an earlier message.
    record Sent(String sha256, String field) implements Ref {}
  }

  /// How pictures are read: a server measures it.
  interface Work {
    Pixels run(Supplier<Pixels> reading);
  }

  /// @param kept the bytes of a picture that was sent or drawn earlier, by its SHA-256
  ImageRefs(Answerer answerer, Limits limits, Function<String, Optional<byte[]>> kept, Work work) {
    this.answerer = answerer;
    this.limits = limits;
    this.kept = kept;
    this.work = work;
  }

  /// Reads the reference without decoding the picture.
  Ref parse(String url, String field) {
    if (url.startsWith(ImageUrls.GENERATED)) {
      return new Ref.Generated(path(url, ImageUrls.GENERATED, field), field);
    }
    if (url.startsWith(ImageUrls.SENT)) {
      return new Ref.Sent(path(url, ImageUrls.SENT, field), field);
    }
    if (url.startsWith(ImageUrls.PREFIX)) {
      String id = path(url, ImageUrls.PREFIX, field);
      if (id.isBlank() || id.length() > 512) {
        throw Problem.invalid(field, "An image id has 1 to 512 characters.");
      }
      return new Ref.Corpus(new ImageId(id), field);
    }
    if (url.regionMatches(true, 0, "data:", 0, 5)) {
      return new Ref.Upload(dataUri(url, field), field);
    }
    throw new Problem(
        400,
        "remote_image",
        field
            + " must be a data: URI or an address under "
            + ImageUrls.PREFIX
            + " of this server; pictures elsewhere are not fetched, got "
            + Fields.quote(url)
            + ". Send the picture itself as data:image/png;base64,….",
        field);
  }

  /// An image that this server has under `/v1/images/`, by what follows there. Refuses with 404.
  Ref shown(String id) {
    if (id.startsWith("generated/")) {
      String sha256 = id.substring("generated/".length());
      if (answerer.generated(sha256).isPresent() || kept.apply(sha256).isPresent()) {
        return new Ref.Generated(sha256, "id");
      }
    } else if (id.startsWith("sent/") && kept.apply(id.substring("sent/".length())).isPresent()) {
      return new Ref.Sent(id.substring("sent/".length()), "id");
    } else if (!id.isBlank() && id.length() <= 512 && answerer.image(new ImageId(id)).isPresent()) {
      return new Ref.Corpus(new ImageId(id), "id");
    }
    throw new Problem(404, "image_not_found", "There is no image " + Fields.quote(id) + ".");
  }

  /// Like [#parse], but also takes base64 without a `data:` prefix.
  Ref parseOrBase64(String text, String field) {
    boolean address = text.startsWith("/v1/") || text.contains(":");
    return address ? parse(text, field) : new Ref.Upload(base64(text, field), field);
  }

  Pixels pixels(Ref ref) {
    return work.run(() -> read(ref));
  }

  private Pixels read(Ref ref) {
    return switch (ref) {
      case Ref.Upload(byte[] bytes, String field) -> decode(bytes, field);
      case Ref.Corpus(ImageId id, String field) -> corpus(id, field);
      case Ref.Generated(String sha256, String field) ->
          answerer
              .generated(sha256)
              .map(GeneratedPicture::pixels)
              .orElseGet(() -> kept(sha256, field, "The generated picture "));
      case Ref.Sent(String sha256, String field) -> kept(sha256, field, "The picture ");
    };
  }

  private Pixels kept(String sha256, String field, String what) {
    return decode(kept.apply(sha256).orElseThrow(() -> gone(field, what + sha256)), field);
  }

  private Pixels corpus(ImageId id, String field) {
    ImageRecord image =
        answerer.image(id).orElseThrow(() -> gone(field, "The corpus image " + id.value()));
    Path file =
        answerer
            .imageFile(image)
            .orElseThrow(() -> gone(field, "The file of the corpus image " + id.value()));
    try {
      return accept(ImageReader.read(file, limits.image()), field);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private Pixels decode(byte[] bytes, String field) {
    return accept(ImageReader.read(bytes, limits.image()), field);
  }

  private static Pixels accept(ReadResult result, String field) {
    return switch (result) {
      case ReadResult.Decoded decoded -> decoded.pixels();
      case ReadResult.Rejected rejected ->
          throw new Problem(
              422,
              "unreadable_image",
              field + " is not usable (" + rejected.code() + "): " + rejected.message() + ".",
              field);
    };
  }

  private byte[] dataUri(String url, String field) {
    int comma = url.indexOf(',');
    String head = comma < 0 ? url : url.substring(5, comma);
    if (comma < 0 || !head.toLowerCase(Locale.ROOT).endsWith(";base64")) {
      throw Problem.invalid(
          field, field + " must read data:image/…;base64,… (base64 after a comma).");
    }
    if (!head.toLowerCase(Locale.ROOT).startsWith("image/")) {
      throw Problem.invalid(
          field, field + " must be an image/… data URI, got the type " + Fields.quote(head) + ".");
    }
    return base64(url.substring(comma + 1), field);
  }

  private byte[] base64(String text, String field) {
    if (text.length() > 4L * limits.image().maxBytes() / 3 + 4) {
      throw new Problem(
          413,
          "image_too_large",
          field
              + " has more than the "
              + limits.image().maxBytes()
              + " bytes an image may have. Send a smaller picture.",
          field);
    }
    byte[] bytes;
    try {
      bytes = Base64.getMimeDecoder().decode(text);
    } catch (IllegalArgumentException _) {
      throw Problem.invalid(field, field + " is not valid base64.");
    }
    if (bytes.length == 0) {
      throw Problem.invalid(field, field + " holds no bytes; send a picture.");
    }
    return bytes;
  }

  private static String path(String url, String prefix, String field) {
    String raw = url.substring(prefix.length());
    int query = raw.indexOf('?');
    try {
      return URLDecoder.decode(
          (query < 0 ? raw : raw.substring(0, query)).replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      throw Problem.invalid(field, field + " is not a valid address: " + Fields.quote(url) + ".");
    }
  }

  private static Problem gone(String field, String what) {
    return new Problem(
        422, "image_gone", what + " is not known (any more). Send the picture itself.", field);
  }

  static Optional<ImageId> corpusId(Ref ref) {
    return ref instanceof Ref.Corpus corpus ? Optional.of(corpus.id()) : Optional.empty();
  }
}
