package gill.indexer.flow;

import gill.engine.flow.UnitVector;

/// The two vectors of an image.
public record Embedding(UnitVector clip, UnitVector gill) {}
