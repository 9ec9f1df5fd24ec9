package gill.engine.flow;

import java.util.Set;

/// A nearest-neighbour question to the corpus.
///
/// @param limit hits wanted, 1 to 10000
/// @param excluded ids that must not be returned
/// @param filter of the images that pass it, the nearest
public record RetrievalQuery(
    VectorField field, UnitVector vector, int limit, Set<ImageId> excluded, Filter filter) {
  public RetrievalQuery {
    excluded = Set.copyOf(excluded);
    if (limit < 1 || limit > 10_000) {
      throw new IllegalArgumentException("limit must be in [1, 10000], got " + limit);
    }
  }

  /// Of all images.
  public RetrievalQuery(VectorField field, UnitVector vector, int limit, Set<ImageId> excluded) {
    this(field, vector, limit, excluded, Filter.ALL);
  }
}
