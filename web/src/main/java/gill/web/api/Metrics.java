package gill.web.api;

import gill.engine.flow.Decision;
import gill.engine.flow.StageTimings;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/// Counters and timers for Prometheus, all under the prefix `gill_`.
public final class Metrics {
  private static final Path STATUS = Path.of("/proc/self/status");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  public Metrics(Admission admission) {
    Gauge.builder("gill.requests.in.engine", admission, Admission::inUse)
        .description("requests that run in or wait for the engine")
        .register(registry);
    Gauge.builder("gill.resident.memory", Metrics::residentBytes)
        .description("resident memory of the process, native memory included")
        .baseUnit("bytes")
        .register(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
  }

  public void request(String route, String method, int status, Duration took) {
    Timer.builder("gill.requests")
        .description("HTTP requests")
        .tag("route", route)
        .tag("method", method)
        .tag("status", Integer.toString(status))
        .publishPercentileHistogram(false)
        .register(registry)
        .record(took);
  }

  void decision(Decision decision) {
    registry
        .counter(
            "gill.decisions",
            "choice",
            decision.choice().name().toLowerCase(Locale.ROOT),
            "forced",
            Boolean.toString(decision.forced()))
        .increment();
  }

  void stages(StageTimings timings) {
    timings
        .milliseconds()
        .forEach((stage, ms) ->
            Timer.builder("gill.stage")
                .description("time spent in a stage of a request")
                .tag("stage", stage)
                .register(registry)
                .record(Duration.ofNanos(Math.round(ms * 1e6))));
  }

  void cancelled() {
    registry.counter("gill.cancelled").increment();
  }

  String scrape() {
    return registry.scrape();
  }

  /// Resident set size; NaN where the system does not tell.
  private static double residentBytes() {
    try {
      for (String line : Files.readAllLines(STATUS, StandardCharsets.US_ASCII)) {
        if (line.startsWith("VmRSS:")) {
          return 1024.0 * Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    } catch (IOException | NumberFormatException _) {
      return Double.NaN;
    }
    return Double.NaN;
  }
}
