package gill.web.api;

import gill.engine.flow.Decision;
import gill.engine.flow.Output;
import gill.engine.flow.StageTimings;
import gill.engine.runtime.LeakCheck;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Counters and timers for Prometheus, all under the prefix `gill_`. The steps of a search have
/// clip-retrieval's names, the load has vLLM's.
public final class Metrics {
  private static final Path STATUS = Path.of("/proc/self/status");

  /// Of histograms: from a vector search to a drawn picture.
  private static final Duration[] BOUNDS =
      List.of(1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000).stream()
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  /// The steps that other search servers name too.
  enum Step {
    FULL_KNN_REQUEST("gill.full.knn.request.time", "a search, its query's encoding included"),
    TEXT_CLIP_INFERENCE("gill.text.clip.inference.time", "the text encoder"),
    IMAGE_CLIP_INFERENCE("gill.image.clip.inference.time", "the image encoder"),
    KNN_INDEX("gill.knn.index.time", "the search of the index"),
    METADATA_GET("gill.metadata.get.time", "reading what is known of images"),
    IMAGE_PREPRO("gill.image.prepro.time", "decoding and scaling images sent");

    private final String meter;
    private final String description;

    Step(String meter, String description) {
      this.meter = meter;
      this.description = description;
    }
  }

  private static final Map<String, Step> STEPS =
      Map.of("text_encoder", Step.TEXT_CLIP_INFERENCE, "search", Step.KNN_INDEX);

  private static final String GENERATION = "diffusion";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /// @param waiting requests that wait for the models
  public Metrics(Admission admission, IntSupplier waiting) {
    gauge(
        "gill.requests.in.engine", "requests that run in or wait for the engine", admission::inUse);
    gauge(
        "gill.num.requests.running",
        "requests that the models work on",
        () -> Math.max(0, admission.inUse() - waiting.getAsInt()));
    gauge("gill.num.requests.waiting", "requests that wait for the models", waiting::getAsInt);
    gauge("gill.native.objects", "tensors, sessions and tokenizers open now", LeakCheck::open);
    bytes(
        "gill.resident.memory",
        "resident memory of the process, native memory included",
        Metrics::residentBytes);
    bytes(
        "gill.native.memory",
        "resident memory beyond the Java heap: models, tensors, mapped files, code",
        () -> Math.max(0, residentBytes() - heapBytes()));
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    for (Step step : Step.values()) {
      histogram(step.meter, step.description);
    }
    histogram("gill.generation", "drawing a picture");
    registry.counter("gill.fallback");
  }

  private void gauge(String name, String description, Supplier<Number> value) {
    Gauge.builder(name, value).description(description).register(registry);
  }

  private void bytes(String name, String description, Supplier<Number> value) {
    Gauge.builder(name, value).description(description).baseUnit("bytes").register(registry);
  }

  private Timer histogram(String name, String description) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(BOUNDS)
        .register(registry);
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

  /// Does a step of a search and notes how long it took.
  <T> T step(Step step, Supplier<T> work) {
    long began = System.nanoTime();
    try {
      return work.get();
    } finally {
      record(histogram(step.meter, step.description), (System.nanoTime() - began) / 1e6);
    }
  }

  /// Counts the decision behind an image, and whether something else was shown than it chose.
  void shown(Output output) {
    switch (output) {
      case Output.RetrievedImage image ->
          decided(image.decision(), image.decision().choice() == Decision.Choice.GENERATE);
      case Output.GeneratedImage image ->
          decided(image.decision(), image.decision().choice() == Decision.Choice.RETRIEVE);
      case Output.NoImage none ->
          decided(none.decision(), none.decision().choice() != Decision.Choice.NONE);
      case Output.TextDelta _, Output.Progress _, Output.Finished _ -> {}
    }
  }

  private void decided(Decision decision, boolean fellBack) {
    registry
        .counter(
            "gill.decisions",
            "choice",
            decision.choice().name().toLowerCase(Locale.ROOT),
            "forced",
            Boolean.toString(decision.forced()))
        .increment();
    if (fellBack) {
      registry.counter("gill.fallback").increment();
    }
  }

  void stages(StageTimings timings) {
    timings
        .milliseconds()
        .forEach((stage, ms) -> {
          record(
              Timer.builder("gill.stage")
                  .description("time spent in a stage of a request")
                  .tag("stage", stage)
                  .register(registry),
              ms);
          Step step = STEPS.get(stage);
          if (step != null) {
            record(histogram(step.meter, step.description), ms);
          }
          if (stage.equals(GENERATION)) {
            record(histogram("gill.generation", "drawing a picture"), ms);
          }
        });
  }

  private static void record(Timer timer, double milliseconds) {
    timer.record(Duration.ofNanos(Math.round(milliseconds * 1e6)));
  }

  void cancelled() {
    registry.counter("gill.cancelled").increment();
  }

  String scrape() {
    return registry.scrape();
  }

  /// The timers as a table for people: how often, mean and longest of late.
  String summary() {
    List<Timer> timers =
        registry.getMeters().stream()
            .filter(Timer.class::isInstance)
            .map(Timer.class::cast)
            .filter(timer -> timer.count() > 0)
            .sorted(Comparator.comparing(timer -> label(timer.getId())))
            .toList();
    return timers.stream()
        .map(timer ->
            String.format(
                Locale.ROOT,
                "%-64s %8d times  mean %9.1f ms  longest %9.1f ms%n",
                label(timer.getId()),
                timer.count(),
                timer.mean(TimeUnit.MILLISECONDS),
                timer.max(TimeUnit.MILLISECONDS)))
        .collect(Collectors.joining());
  }

  private static String label(Meter.Id id) {
    String tags =
        id.getTags().stream().map(tag -> " " + tag.getValue()).collect(Collectors.joining());
    return id.getName().substring("gill.".length()).replace('.', '_') + tags;
  }

  private static long heapBytes() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
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
