package gill.engine.fault;

/// A model run that failed or was refused.
public final class InferenceException extends EngineException {
  /// Why: what a caller can do differs.
  public enum Reason {
    /// The models or the machine: nothing the request can change.
    FAILED,
    /// Too many requests at once: the same request may succeed later.
    OVERLOADED,
    /// The request does not fit the model, e.g. is longer than its context.
    REFUSED
  }

  private final Reason reason;

  public InferenceException(String message) {
    this(message, Reason.FAILED);
  }

  public InferenceException(String message, Throwable cause) {
    super(message, cause);
    this.reason = Reason.FAILED;
  }

  private InferenceException(String message, Reason reason) {
    super(message);
    this.reason = reason;
  }

  public static InferenceException overloaded(String message) {
    return new InferenceException(message, Reason.OVERLOADED);
  }

  public static InferenceException refused(String message) {
    return new InferenceException(message, Reason.REFUSED);
  }

  public Reason reason() {
    return reason;
  }
}
