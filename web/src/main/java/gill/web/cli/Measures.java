package gill.web.cli;

import gill.engine.Engine;
import gill.engine.flow.Cancellation;
import gill.engine.flow.GenerationOptions;
import gill.engine.flow.ImageMode;
import gill.engine.flow.LookupResult;
import gill.engine.flow.Output;
import gill.engine.flow.PromptPart;
import gill.engine.flow.QueryPart;
import gill.engine.flow.SamplingOptions;
import gill.engine.flow.SearchRequest;
import gill.engine.flow.Turn;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// What `gill bench` measures, one after another on one thread of requests. Prompts and seeds are
/// fixed, so that two runs do the same work.
final class Measures {
  private static final List<String> PROMPTS =
      List.of(
          "a red apple",
          "something that keeps me dry when it rains",
          "a sailing boat on the sea",
          "a musical instrument with strings",
          "a birthday cake with candles",
          "an animal that lives in Australia",
          "a tool to cut paper",
          "a yellow taxi",
          "a snowman in winter",
          "a cup of hot coffee");

  private static final String LONG_PROMPT =
      "Tell me about these things, one after another: " + String.join(", ", PROMPTS).repeat(4);

  private static final int WARM_UP_ANSWERS = 8;

  private final List<Row> rows = new ArrayList<>();

  /// One figure.
  record Row(String name, double value, String unit, String note) {}

  List<Row> rows() {
    return List.copyOf(rows);
  }

  Engine opening(Supplier<Engine> open) {
    long begin = System.nanoTime();
    Engine engine = open.get();
    add("open bundle and index", seconds(begin), "s", "");
    return engine;
  }

  void firstAnswer(Engine engine) {
    engine.lookup(turn(0, ImageMode.RETRIEVE), _ -> {}, Cancellation.NEVER);
    double sinceStart =
        (System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime()) / 1e3;
    add("process start to first answer", sinceStart, "s", "lookup, corpus image");
  }

  void searches(Engine engine, int count) {
    searches("search by vectors", count, prompt -> engine.search(prompt, 10, Set.of()));
    searches(
        "search by vectors and words",
        count,
        prompt -> engine.search(new SearchRequest(List.of(new QueryPart.Words(prompt, 1)), 10)));
    add("images searched", engine.info().images(), "", "top 10, text tower included");
  }

  private void searches(String name, int count, Consumer<String> search) {
    PROMPTS.forEach(search);
    double[] times = new double[count];
    for (int i = 0; i < count; i++) {
      long begin = System.nanoTime();
      search.accept(PROMPTS.get(i % PROMPTS.size()));
      times[i] = 1e3 * seconds(begin);
    }
    quantiles(name, times, "");
  }

  void lookups(Engine engine, int count) {
    double[] times = new double[count];
    Map<String, double[]> stages = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      long begin = System.nanoTime();
      LookupResult result = engine.lookup(turn(i, ImageMode.RETRIEVE), _ -> {}, Cancellation.NEVER);
      times[i] = 1e3 * seconds(begin);
      int run = i;
      result
          .timings()
          .milliseconds()
          .forEach((name, ms) -> stages.computeIfAbsent(name, _ -> new double[count])[run] = ms);
    }
    quantiles("lookup", times, "corpus image");
    stages.forEach(
        (name, each) -> add("  " + name + " p50", quantile(each, 0.5), "ms", "of lookup"));
  }

  /// Text only: time to the first token, then the rate of the others, once the compiler is warm.
  void answers(Engine engine, int count) {
    for (int i = 0; i < WARM_UP_ANSWERS; i++) {
      engine.reply(turn(i, ImageMode.NONE), _ -> {}, Cancellation.NEVER);
    }
    double[] first = new double[count];
    double[] decode = new double[count];
    for (int i = 0; i < count; i++) {
      Watch watch = reply(engine, turn(i, ImageMode.NONE));
      first[i] = 1e3 * watch.toFirst();
      decode[i] = Math.max(watch.tokens - 1, 0) / Math.max(watch.afterFirst(), 1e-9);
    }
    quantiles("time to first text", first, "the prompt's constant beginning is kept");
    add("decode p50", quantile(decode, 0.5), "tokens/s", "after the first token");
  }

  /// How fast a long prompt is read: the tokens that were not read before, to the first text.
  void prefill(Engine engine, int count) {
    double[] rate = new double[count];
    int tokens = 0;
    for (int i = 0; i < count; i++) {
      Watch watch = reply(engine, withText(LONG_PROMPT, i, ImageMode.NONE));
      tokens = watch.newTokens;
      rate[i] = watch.newTokens / Math.max(watch.toFirst(), 1e-9);
    }
    add("prefill p50", quantile(rate, 0.5), "tokens/s", tokens + " new tokens to first text");
  }

  private static Watch reply(Engine engine, Turn turn) {
    Watch watch = new Watch();
    engine.reply(turn, watch::see, Cancellation.NEVER);
    return watch;
  }

  private static final class Watch {
    private final long begin = System.nanoTime();
    private long firstAt;
    private long endAt;
    private int newTokens;
    private int tokens;

    void see(Output output) {
      if (output instanceof Output.TextDelta && firstAt == 0) {
        firstAt = System.nanoTime();
      }
      if (output instanceof Output.Finished finished) {
        endAt = System.nanoTime();
        newTokens = finished.usage().promptTokens() - finished.usage().cachedTokens();
        tokens = finished.usage().completionTokens();
      }
    }

    double toFirst() {
      return ((firstAt == 0 ? endAt : firstAt) - begin) / 1e9;
    }

    double afterFirst() {
      return firstAt == 0 ? 0 : (endAt - firstAt) / 1e9;
    }
  }

  void pictures(Engine engine, int count) {
    double[] times = new double[count];
    int steps = 0;
    for (int i = 0; i < count; i++) {
      long begin = System.nanoTime();
      LookupResult result = engine.lookup(turn(i, ImageMode.GENERATE), _ -> {}, Cancellation.NEVER);
      times[i] = seconds(begin);
      if (result.image() instanceof Output.GeneratedImage image) {
        steps = image.picture().numInferenceSteps();
      }
    }
    add("generated picture p50", quantile(times, 0.5), "s", steps + " steps, lookup included");
  }

  void indexing(Path bundle, int count, PrintWriter err) {
    try {
      Path folder = Files.createTempDirectory("gill-bench");
      try {
        int copied = copyImages(folder.resolve("corpus"), count);
        long begin = System.nanoTime();
        IndexCommand.run(folder.resolve("corpus"), folder.resolve("index"), bundle, err);
        double took = seconds(begin);
        add("indexing", copied / took, "images/s", copied + " images, opening the bundle included");
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy images for the bench", e);
    }
  }

  private static int copyImages(Path to, int count) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> all = Files.walk(Places.corpus().resolve("images"))) {
      List<Path> chosen = all.filter(Files::isRegularFile).sorted().limit(count).toList();
      for (int i = 0; i < chosen.size(); i++) {
        Files.copy(chosen.get(i), to.resolve(i + "-" + chosen.get(i).getFileName()));
      }
      return chosen.size();
    }
  }

  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path dir, @org.jspecify.annotations.Nullable IOException fault) throws IOException {
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  void memory() {
    add("peak resident memory", procValue("/proc/self/status", "VmHWM:") / 1024.0, "MiB", "");
  }

  /// Of this process so far.
  static double peakMegabytes() {
    return procValue("/proc/self/status", "VmHWM:") / 1000.0;
  }

  /// Of all threads of this process so far.
  static long cpuNanoseconds() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
  }

  /// Of this process now.
  static double residentMegabytes() {
    return procValue("/proc/self/status", "VmRSS:") / 1000.0;
  }

  private static long procValue(String file, String key) {
    return lines(file).stream()
        .filter(line -> line.startsWith(key))
        .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0L);
  }

  private static List<String> lines(String file) {
    try {
      return Files.readAllLines(Path.of(file), StandardCharsets.UTF_8);
    } catch (IOException _) {
      return List.of();
    }
  }

  static Map<String, String> machine() {
    Map<String, String> machine = new LinkedHashMap<>();
    machine.put(
        "processor",
        lines("/proc/cpuinfo").stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse("unknown"));
    machine.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
    machine.put("memory", procValue("/proc/meminfo", "MemTotal:") / 1024 + " MiB");
    machine.put("java", System.getProperty("java.vm.version", ""));
    machine.put(
        "load",
        String.format(
            java.util.Locale.ROOT,
            "%.1f",
            ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
    return machine;
  }

  private static Turn turn(int i, ImageMode mode) {
    return withText(PROMPTS.get(i % PROMPTS.size()), i, mode);
  }

  private static Turn withText(String text, int i, ImageMode mode) {
    return new Turn(
        List.of(),
        List.of(new PromptPart.TextPart(text)),
        Set.of(),
        mode,
        SamplingOptions.DEFAULT,
        GenerationOptions.DEFAULT.withSeed(i),
        4);
  }

  private void quantiles(String name, double[] times, String note) {
    add(name + " p50", quantile(times, 0.5), "ms", note);
    add(name + " p95", quantile(times, 0.95), "ms", times.length + " runs");
  }

  private static double quantile(double[] values, double q) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.ceil(q * sorted.length) - 1];
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }

  private void add(String name, double value, String unit, String note) {
    rows.add(new Row(name, value, unit, note));
  }
}
