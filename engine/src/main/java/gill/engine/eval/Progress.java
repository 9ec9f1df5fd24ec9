package gill.engine.eval;

/// Told how far a suite is, on the thread that runs it.
@FunctionalInterface
public interface Progress {
  Progress NONE = (_, _, _) -> {};

  void at(String suite, int done, int of);
}
