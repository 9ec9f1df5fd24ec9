package gill.web.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Starts a job on Spark in a process of its own, so that the program itself carries no Spark:
/// options of `gill index` (a picocli mixin).
final class SparkSubmit {
  private static final String VERSION = "4.2.0";
  private static final String JOB = "web/target/spark";

  @Option(
      names = "--master",
      paramLabel = "URL",
      description =
          "Run on Apache Spark, at spark://HOST:PORT, local[2] or local[*]. Needs Spark "
              + VERSION
              + ": pip install pyspark=="
              + VERSION
              + ", or $SPARK_HOME.")
  private String master = "";

  @Option(
      names = "--spark-conf",
      paramLabel = "KEY=VALUE",
      description =
          "With --master: a setting of Spark, such as spark.executor.memory=4g. May be repeated.")
  private List<String> configuration = List.of();

  @Mixin private PartOptions parts = new PartOptions();

  boolean isAsked() {
    if (master.isEmpty() && (parts.given() || !configuration.isEmpty())) {
      throw new CommandException(
          "--parts, --part-rows, --shards and --spark-conf belong to a job on Spark: say --master"
              + " too");
    }
    return !master.isEmpty();
  }

  /// Runs the job to its end and returns its exit code; what it prints goes where this program's
  /// own words go.
  ///
  /// @param arguments further options of the job
  int run(Path source, Path index, Path bundle, List<String> arguments) {
    ProcessBuilder builder =
        new ProcessBuilder(command(home(), source, index, bundle, arguments)).inheritIO();
    Map<String, String> environment = builder.environment();
    environment.put("SPARK_HOME", home().toString());
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    if (master.startsWith("local")) {
      environment.putIfAbsent("SPARK_LOCAL_IP", "127.0.0.1");
    }
    try {
      Process process = builder.start();
      Thread stop = new Thread(process::destroy);
      Runtime.getRuntime().addShutdownHook(stop);
      int code = process.waitFor();
      Runtime.getRuntime().removeShutdownHook(stop);
      return code;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start spark-submit: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("interrupted while the job on Spark was running");
    }
  }

  private List<String> command(
      Path home, Path source, Path index, Path bundle, List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                home.resolve("bin/spark-submit").toString(),
                "--master",
                master,
                "--name",
                "gill index " + source.getFileName(),
                "--class",
                SparkIndexCommand.class.getName(),
                "--driver-memory",
                Optional.ofNullable(System.getenv("GILL_HEAP")).orElse("2g"),
                "--driver-java-options",
                "--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
                    + " -Djava.awt.headless=true -Dfile.encoding=UTF-8",
                "--conf",
                "spark.log.level=WARN",
                "--conf",
                "spark.ui.showConsoleProgress=false"));
    configuration.forEach(setting -> command.addAll(List.of("--conf", setting)));
    Path job = Places.root().resolve(JOB);
    command.addAll(List.of("--jars", libraries(job), job.resolve("gill-spark.jar").toString()));
    command.add(source.toAbsolutePath().normalize().toString());
    command.addAll(List.of("--out", index.toAbsolutePath().normalize().toString()));
    command.addAll(List.of("--bundle", bundle.toAbsolutePath().normalize().toString()));
    command.addAll(parts.arguments(index.toAbsolutePath().normalize()));
    command.addAll(arguments);
    return command;
  }

  private static String libraries(Path job) {
    Path libraries = job.resolve("lib");
    if (!Files.isRegularFile(job.resolve("gill-spark.jar")) || !Files.isDirectory(libraries)) {
      throw new CommandException(
          "the job jar " + job.resolve("gill-spark.jar") + " is missing: mvn -DskipTests package");
    }
    try (Stream<Path> jars = Files.list(libraries)) {
      return jars.map(Path::toString).sorted().collect(Collectors.joining(","));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + libraries, e);
    }
  }

  /// Where Spark is installed: $SPARK_HOME, the build's own copy, or python3's pyspark.
  private static Path home() {
    String given = Optional.ofNullable(System.getenv("SPARK_HOME")).orElse("");
    Path home =
        Stream.of(given, Places.root().resolve("target/spark/pyspark").toString(), "")
            .filter(path -> !path.isEmpty())
            .map(Path::of)
            .filter(SparkSubmit::isSpark)
            .findFirst()
            .or(SparkSubmit::pythons)
            .orElseThrow(() ->
                new CommandException(
                    (given.isEmpty() ? "" : "there is no Spark in $SPARK_HOME (" + given + "); ")
                        + "--master needs Apache Spark "
                        + VERSION
                        + " and found none. Install it: pip install pyspark=="
                        + VERSION
                        + ", or set SPARK_HOME to its folder"));
    requireVersion(home);
    return home;
  }

  private static boolean isSpark(Path home) {
    return Files.isExecutable(home.resolve("bin/spark-submit"));
  }

  private static void requireVersion(Path home) {
    try (Stream<Path> jars = Files.list(home.resolve("jars"))) {
      List<String> cores =
          jars.map(jar -> jar.getFileName().toString())
              .filter(jar -> jar.startsWith("spark-core_"))
              .toList();
      if (!cores.contains("spark-core_2.13-" + VERSION + ".jar")) {
        throw new CommandException(
            "the Spark in "
                + home
                + " is "
                + cores
                + ", the job needs "
                + VERSION
                + ": set"
                + " SPARK_HOME to the folder of that version");
      }
    } catch (IOException e) {
      throw new CommandException("there are no jars in " + home + ": " + e.getMessage());
    }
  }

  private static Optional<Path> pythons() {
    try {
      Process python =
          new ProcessBuilder(
                  "python3",
                  "-c",
                  "import importlib.util as u, os;"
                      + "s = u.find_spec('pyspark');"
                      + "print(os.path.dirname(s.origin) if s else '')")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String path =
          new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return Optional.of(path)
          .filter(each -> !each.isEmpty())
          .map(Path::of)
          .filter(SparkSubmit::isSpark);
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
