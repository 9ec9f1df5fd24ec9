package gill.engine.dialogue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import gill.engine.flow.Matrix;
import gill.engine.flow.Pixels;
import gill.engine.runtime.Sha256;
import gill.engine.vision.VisualEncoder;
import java.security.MessageDigest;

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
    MessageDigest digest = Sha256.digest();
    digest.update((image.width() + "x" + image.height() + ":").getBytes(US_ASCII));
    digest.update(image.rgb());
    return Sha256.hex(digest);
  }
}
