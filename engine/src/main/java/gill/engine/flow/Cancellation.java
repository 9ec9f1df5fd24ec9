package gill.engine.flow;

/// Asked at every decode and denoise step: true ends the work within that step.
@FunctionalInterface
public interface Cancellation {
  Cancellation NEVER = () -> false;

  boolean isCancelled();
}
