package gill.web.api;

import gill.engine.flow.GeneratedPicture;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.Pixels;
import gill.engine.vision.ImageFormat;
import gill.engine.vision.ImageLimits;
import gill.engine.vision.ImageReader;
import gill.engine.vision.PictureFile;
import gill.engine.vision.ReadResult;
import gill.web.store.PictureStore;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// `GET /v1/images/{id}`, `/v1/images/generated/{sha256}` and `/v1/images/sent/{sha256}`: the
/// picture files. With the query parameter `download` a browser saves them.
final class ImagesApi {
  private final Answerer answerer;
  private final PictureStore kept;

  ImagesApi(Answerer answerer, PictureStore kept) {
    this.answerer = answerer;
    this.kept = kept;
  }

  void corpus(Context ctx) {
    String id = ctx.pathParam("id");
    if (id.isBlank() || id.length() > 512) {
      throw unknown(id);
    }
    ImageRecord image = answerer.image(new ImageId(id)).orElseThrow(() -> unknown(id));
    Path file =
        answerer
            .imageFile(image)
            .orElseThrow(() ->
                new Problem(
                    410,
                    "image_gone",
                    "The file of the image "
                        + Fields.quote(id)
                        + " is gone from the disk; index the corpus again."));
    String name = file.getFileName().toString();
    // Who saves it gets the file with its author and licence inside, which is another file.
    boolean saved = ctx.queryParam("download") != null;
    if (!fresh(
        ctx,
        image.sha256() + (saved ? "-credited-" + answerer.info().corpusVersion() : ""),
        "public, max-age=3600")) {
      boolean tiff = isTiff(name);
      byte[] bytes = tiff ? png(read(file), id) : read(file);
      send(
          ctx,
          saved ? CreditedFile.of(bytes, image, answerer.info().corpusVersion()) : bytes,
          tiff ? "image/png" : type(name),
          id.replace('/', '-') + (tiff ? ".png" : extension(name)));
    }
  }

  void generated(Context ctx) {
    String id = ctx.pathParam("sha256");
    byte[] png =
        answerer
            .generated(id)
            .map(GeneratedPicture::png)
            .or(() -> kept.get(id))
            .orElseThrow(() ->
                new Problem(
                    404,
                    "image_not_found",
                    "The generated picture "
                        + Fields.quote(id)
                        + " is not kept (any more); its seed and prompt make it again."));
    if (!fresh(ctx, id, "public, max-age=31536000, immutable")) {
      send(ctx, png, "image/png", "generated-" + id.substring(0, 12) + ".png");
    }
  }

  /// A picture that a reader sent and a session keeps.
  void sent(Context ctx) {
    String id = ctx.pathParam("sha256");
    byte[] bytes = kept.get(id).orElseThrow(() -> unknown("sent/" + id));
    if (!fresh(ctx, id, "private, max-age=31536000, immutable")) {
      ImageFormat format = ImageFormat.sniff(bytes).orElseThrow(() -> unknown("sent/" + id));
      String name = "sent-" + id.substring(0, 12) + "." + format.name().toLowerCase(Locale.ROOT);
      if (format == ImageFormat.TIFF) {
        send(ctx, png(bytes, id), "image/png", name + ".png");
      } else {
        send(ctx, bytes, format.mediaType(), name);
      }
    }
  }

  // Answers 304 and says true if the client has this very file.
  private static boolean fresh(Context ctx, String sha256, String caching) {
    String tag = "\"" + sha256 + "\"";
    ctx.header("ETag", tag).header("Cache-Control", caching);
    String known = ctx.header("If-None-Match");
    if (known != null && known.contains(tag)) {
      ctx.status(304);
      return true;
    }
    return false;
  }

  private static void send(Context ctx, byte[] bytes, String type, String name) {
    // A picture may hold script (SVG); shown on its own it must not run.
    ctx.header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    if (ctx.queryParam("download") != null) {
      ctx.header(
          "Content-Disposition",
          "attachment; filename=\"" + name.replaceAll("[^A-Za-z0-9._-]", "_") + "\"");
    }
    ctx.contentType(type).result(bytes);
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the image file " + file, e);
    }
  }

  /// Browsers show no TIFF.
  private static boolean isTiff(String name) {
    return extension(name).equals(".tif") || extension(name).equals(".tiff");
  }

  private static byte[] png(byte[] tiff, String id) {
    return switch (ImageReader.read(tiff, ImageLimits.DEFAULT)) {
      case ReadResult.Decoded(Pixels pixels, _) -> PictureFile.png(pixels);
      case ReadResult.Rejected rejected ->
          throw new Problem(
              410,
              "image_gone",
              "The file of the image " + Fields.quote(id) + " is damaged: " + rejected.message());
    };
  }

  private static Problem unknown(String id) {
    return new Problem(404, "image_not_found", "The corpus has no image " + Fields.quote(id) + ".");
  }

  private static String extension(String name) {
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(dot).toLowerCase(Locale.ROOT);
  }

  private static String type(String name) {
    return switch (extension(name)) {
      case ".webp" -> "image/webp";
      case ".png" -> "image/png";
      case ".jpg", ".jpeg" -> "image/jpeg";
      case ".gif" -> "image/gif";
      case ".bmp" -> "image/bmp";
      case ".svg" -> "image/svg+xml";
      default -> "application/octet-stream";
    };
  }
}
