package gill.engine.fault;

/// The servers that hold the corpus cannot be reached or cannot answer now. Nothing is wrong with
/// the request: the same one may succeed later.
public final class CorpusUnavailableException extends EngineException {
  public CorpusUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
