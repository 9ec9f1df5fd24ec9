package gill.engine.retrieval;

import gill.engine.flow.ImageId;

/// An image of a ranking, without its record.
///
/// @param score cosine or BM25F, comparable within one answer only
public record ScoredId(ImageId id, double score) {}
