package gill.indexer.flow;

import gill.engine.flow.PictureHash;

/// What a source gives for one image: its description, or why there is none.
public sealed interface CorpusRow {
  /// @param place where the source says so: `line N` of a manifest, else the location
  record Described(String place, CorpusEntry entry) implements CorpusRow {}

  /// A description with vectors that the same bundle made before: the picture is not decoded.
  ///
  /// @param width of the picture, in pixels
  record Embedded(
      String place, CorpusEntry entry, int width, int height, PictureHash hash, Embedding embedding)
      implements CorpusRow {}

  record Broken(Failure failure) implements CorpusRow {}
}
