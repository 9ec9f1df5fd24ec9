package gill.engine.fault;

/// A model run that failed or was refused.
public final class InferenceException extends EngineException {
  public InferenceException(String message) {
    super(message);
  }

  public InferenceException(String message, Throwable cause) {
    super(message, cause);
  }
}
