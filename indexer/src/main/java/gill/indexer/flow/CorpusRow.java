package gill.indexer.flow;

/// What a source gives for one image: its description, or why there is none.
public sealed interface CorpusRow {
  record Described(CorpusEntry entry) implements CorpusRow {}

  record Broken(Failure failure) implements CorpusRow {}
}
