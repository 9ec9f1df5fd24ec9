package gill.engine.fault;

import java.util.Objects;

/// The root of the engine's own failures. The message says the rule, the value, where, and what to
/// do.
public abstract sealed class EngineException extends RuntimeException
    permits BundleException,
        CorpusUnavailableException,
        IndexException,
        InferenceException,
        QueryException {
  protected EngineException(String message) {
    super(message);
  }

  protected EngineException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNullElse(super.getMessage(), "");
  }
}
