package gill.engine.flow;

import java.util.Set;

/// A nearest-neighbour question to the corpus.
///
/// @param kind what the vector was made of: decides which vectors it is compared with, and how the
///   hits' `p_match` is read
/// @param limit hits wanted, 1 to 10000
/// @param excluded ids that must not be returned
/// @param filter of the images that pass it, the nearest
public record RetrievalQuery(
    QueryKind kind,
    UnitVector vector,
    int limit,
    Set<ImageId> excluded,
    Filter filter,
    Effort effort) {
  public RetrievalQuery {
    excluded = Set.copyOf(excluded);
    if (limit < 1 || limit > 10_000) {
      throw new IllegalArgumentException("limit must be in [1, 10000], got " + limit);
    }
  }

  /// Of all images.
  public RetrievalQuery(QueryKind kind, UnitVector vector, int limit, Set<ImageId> excluded) {
    this(kind, vector, limit, excluded, Filter.ALL);
  }

  /// By a vector of unknown origin.
  public RetrievalQuery(
      VectorField field, UnitVector vector, int limit, Set<ImageId> excluded, Filter filter) {
    this(QueryKind.of(field), vector, limit, excluded, filter);
  }

  /// By a vector of unknown origin, of all images.
  public RetrievalQuery(VectorField field, UnitVector vector, int limit, Set<ImageId> excluded) {
    this(field, vector, limit, excluded, Filter.ALL);
  }

  /// With the usual effort.
  public RetrievalQuery(
      QueryKind kind, UnitVector vector, int limit, Set<ImageId> excluded, Filter filter) {
    this(kind, vector, limit, excluded, filter, Effort.USUAL);
  }

  /// What the vector is compared with.
  public VectorField field() {
    return kind.field();
  }
}
