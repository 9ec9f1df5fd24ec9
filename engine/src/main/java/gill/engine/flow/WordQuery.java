package gill.engine.flow;

import java.util.Set;

/// A question to the corpus by words.
///
/// @param language BCP 47 tag of the text, of which the first part counts; empty = any
/// @param limit hits wanted, 1 to 10000
/// @param excluded ids that must not be returned
/// @param filter of the images that pass it, the best
public record WordQuery(
    String text, String language, int limit, Set<ImageId> excluded, Filter filter) {
  public WordQuery {
    excluded = Set.copyOf(excluded);
    if (limit < 1 || limit > 10_000) {
      throw new IllegalArgumentException("limit must be in [1, 10000], got " + limit);
    }
  }
}
