package gill.indexer.flow;

/// What a job changed against the index that was there before; a new index is all `added`.
public record Changes(long added, long changed, long unchanged, long removed) {}
