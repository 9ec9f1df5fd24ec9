package gill.engine.fault;

/// An index that is missing, broken, or made by another bundle.
public final class IndexException extends EngineException {
  public IndexException(String message) {
    super(message);
  }

  public IndexException(String message, Throwable cause) {
    super(message, cause);
  }
}
