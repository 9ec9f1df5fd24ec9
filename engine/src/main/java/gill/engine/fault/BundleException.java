package gill.engine.fault;

import java.util.List;

/// A bundle that does not fit the format. Lists all faults at once.
public final class BundleException extends EngineException {
  private final List<String> faults;

  public BundleException(String summary, List<String> faults) {
    super(summary + (faults.isEmpty() ? "" : "\n  - " + String.join("\n  - ", faults)));
    this.faults = List.copyOf(faults);
  }

  public List<String> faults() {
    return faults;
  }
}
