package gill.engine.dialogue;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import gill.engine.flow.GeneratedPicture;
import java.util.Optional;

/// Generated pictures by content address, bounded by bytes. Safe for use by many threads.
public final class PictureCache {
  private final Cache<String, GeneratedPicture> cache;

  public PictureCache(long maxBytes) {
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher((String id, GeneratedPicture picture) -> weight(picture))
            .build();
  }

  public void put(GeneratedPicture picture) {
    cache.put(picture.id(), picture);
  }

  public Optional<GeneratedPicture> get(String id) {
    return Optional.ofNullable(cache.getIfPresent(id));
  }

  private static int weight(GeneratedPicture picture) {
    return picture.png().length + 3 * picture.pixels().width() * picture.pixels().height();
  }
}
