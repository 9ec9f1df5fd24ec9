package gill.engine.dialogue;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import gill.engine.flow.Matrix;
import gill.engine.flow.Pixels;
import gill.engine.vision.VisualEncoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Remembers how images look to the language model, by SHA-256 of their pixels, bounded by bytes:
/// an uploaded picture is encoded once per conversation, not once per turn. Safe for use by many
/// threads.
final class VisualMemory {
  private final VisualEncoder encoder;
  private final Cache<String, Matrix> cache;

  VisualMemory(VisualEncoder encoder, long maxBytes) {
    this.encoder = encoder;
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher((String key, Matrix tokens) -> 4 * tokens.rows() * tokens.columns())
            .build();
  }

  /// The visual prefix `[n][H]` of an image (paper §3.1).
  Matrix visualTokens(Pixels image) {
    return cache.get(key(image), unused -> encoder.visualTokens(encoder.pooled(image)));
  }

  private static String key(Pixels image) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(
          (image.width() + "x" + image.height() + ":")
              .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest.digest(image.rgb()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
