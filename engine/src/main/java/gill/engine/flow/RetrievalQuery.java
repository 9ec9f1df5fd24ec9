package gill.engine.flow;

import java.util.Set;

/// A nearest-neighbour question to the corpus.
///
/// @param limit hits wanted, 1 to 10000
/// @param excluded ids that must not be returned
public record RetrievalQuery(
    VectorField field, UnitVector vector, int limit, Set<ImageId> excluded) {
  public RetrievalQuery {
    excluded = Set.copyOf(excluded);
    if (limit < 1 || limit > 10_000) {
      throw new IllegalArgumentException("limit must be in [1, 10000], got " + limit);
    }
  }
}
