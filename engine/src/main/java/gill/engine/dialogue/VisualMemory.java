package gill.engine.dialogue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import gill.engine.flow.Matrix;
import gill.engine.flow.Pixels;
import gill.engine.flow.UnitVector;
import gill.engine.runtime.Sha256;
import gill.engine.vision.VisualEncoder;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/// Remembers how images look to the language model and where they lie in CLIP space, by SHA-256 of
/// their pixels, bounded by bytes: an uploaded picture is encoded once per conversation, not once
/// per turn. Safe for use by many threads.
final class VisualMemory {
  private final VisualEncoder encoder;
  private final Cache<String, Look> cache;

  private record Look(Matrix tokens, UnitVector clip) {}

  VisualMemory(VisualEncoder encoder, long maxBytes) {
    this.encoder = encoder;
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher((String key, Look look) ->
                4 * (look.tokens().rows() * look.tokens().columns() + look.clip().dimension()))
            .build();
  }

  /// The visual prefix `[n][H]` of an image (paper §3.1).
  Matrix visualTokens(Pixels image) {
    return look(image).tokens();
  }

  /// The mean of images in CLIP space; empty for none.
  Optional<UnitVector> clip(List<Pixels> images) {
    if (images.isEmpty()) {
      return Optional.empty();
    }
    float[] sum = new float[look(images.getFirst()).clip().dimension()];
    for (Pixels image : images) {
      float[] values = look(image).clip().toArray();
      for (int i = 0; i < sum.length; i++) {
        sum[i] += values[i];
      }
    }
    return Optional.of(UnitVector.normalise(sum));
  }

  private Look look(Pixels image) {
    return cache.get(
        key(image),
        unused -> {
          float[] pooled = encoder.pooled(image);
          return new Look(encoder.visualTokens(pooled), encoder.clipEmbedding(pooled));
        });
  }

  private static String key(Pixels image) {
    MessageDigest digest = Sha256.digest();
    digest.update((image.width() + "x" + image.height() + ":").getBytes(US_ASCII));
    digest.update(image.rgb());
    return Sha256.hex(digest);
  }
}
