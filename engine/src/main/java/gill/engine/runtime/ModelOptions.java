package gill.engine.runtime;

/// How a model is run.
///
/// @param threads native threads within one call; 0 = all cores
public record ModelOptions(int threads) {
  public static final ModelOptions DEFAULT = new ModelOptions(0);

  public ModelOptions {
    if (threads < 0 || threads > 1024) {
      throw new IllegalArgumentException("threads must be in [0, 1024], got " + threads);
    }
  }

  int intraOpThreads() {
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }
}
