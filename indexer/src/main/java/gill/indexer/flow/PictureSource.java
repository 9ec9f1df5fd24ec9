package gill.indexer.flow;

/// Gives the bytes of the pictures that a corpus describes: from a folder, an archive, or the
/// network. Safe for use by many threads.
@FunctionalInterface
public interface PictureSource extends AutoCloseable {
  /// Whatever goes wrong is a value. A file of more than `maxBytes` is not read.
  PictureBytes read(CorpusEntry entry, long maxBytes);

  /// Ends connections, where there are any.
  @Override
  default void close() {}
}
