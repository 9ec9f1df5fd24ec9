package gill.indexer.flow;

/// What an indexed image means to the index that was there before.
public enum Change {
  ADDED,
  /// The former index has an image of this id, with other content or another description.
  CHANGED
}
