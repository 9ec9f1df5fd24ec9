package gill.engine.retrieval;

import gill.engine.flow.ImageRecord;

/// A corpus image whose words match.
///
/// @param score BM25, above 0, comparable within one answer only
public record TextHit(ImageRecord image, double score) {}
