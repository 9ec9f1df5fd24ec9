package gill.engine.eval;

/// One experiment.
interface Suite {
  /// E.g. `retrieval`; names the cases' file and the result.
  String name();

  /// Runs the experiment and reports every case to `run`.
  void measure(Subject subject, SuiteRun run);
}
