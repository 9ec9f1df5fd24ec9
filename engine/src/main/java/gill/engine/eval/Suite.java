package gill.engine.eval;

/// One experiment.
interface Suite {
  /// E.g. `retrieval`; names the cases' file and the result.
  String name();

  /// A digest of what the result depends on beside the bundle's parts, the index and the cases.
  default String more(Subject subject) {
    return "";
  }

  /// Runs the experiment and reports every case to `run`.
  void measure(Subject subject, SuiteRun run);
}
