package gill.indexer.flow;

/// What a source gives for one image: its description, or why there is none.
public sealed interface CorpusRow {
  /// @param place where the source says so: `line N` of a manifest, else the location
  record Described(String place, CorpusEntry entry) implements CorpusRow {}

  record Broken(Failure failure) implements CorpusRow {}
}
