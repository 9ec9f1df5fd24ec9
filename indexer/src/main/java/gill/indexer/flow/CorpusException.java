package gill.indexer.flow;

/// A corpus that cannot be indexed at all: missing, empty, or its manifest unreadable.
public final class CorpusException extends RuntimeException {
  public CorpusException(String message) {
    super(message);
  }

  public CorpusException(String message, Throwable cause) {
    super(message, cause);
  }
}
