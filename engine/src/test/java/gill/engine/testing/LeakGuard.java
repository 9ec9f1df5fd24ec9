package gill.engine.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gill.engine.runtime.LeakCheck;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A test that leaves a native object open fails, naming the place that opened it.
public final class LeakGuard implements BeforeEachCallback, AfterEachCallback {
  private List<String> before = List.of();

  @Override
  public void beforeEach(ExtensionContext context) {
    before = LeakCheck.openSites();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    assertEquals(before, LeakCheck.openSites(), "native objects left open");
  }
}
