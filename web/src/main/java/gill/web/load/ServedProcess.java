package gill.web.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `gill serve` in a process of its own, on a free port of this machine, run as this program is.
public final class ServedProcess implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("http://\\S+/");
  private static final int STOP_SECONDS = 60;

  private final Process process;
  private final URI base;
  private final double readySeconds;
  private final double readyProcessorSeconds;

  private ServedProcess(Process process, URI base, double readySeconds) {
    this.process = process;
    this.base = base;
    this.readySeconds = readySeconds;
    this.readyProcessorSeconds =
        process.info().totalCpuDuration().map(it -> it.toMillis() / 1e3).orElse(Double.NaN);
  }

  /// The options of this program's virtual machine.
  public static List<String> machineOptions() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments();
  }

  /// Starts the server and waits until it is ready.
  ///
  /// @param machineOptions of its virtual machine, such as [#machineOptions()]
  /// @param options of `gill serve`, but for the port
  public static ServedProcess start(List<String> machineOptions, List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(machineOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("gill.web.cli.Gill", "serve", "--port=0", "--rate=0"));
    command.addAll(options);
    long began = System.nanoTime();
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        Matcher address = ADDRESS.matcher(line);
        if (address.find()) {
          double seconds = (System.nanoTime() - began) / 1e9;
          return new ServedProcess(process, URI.create(address.group()), seconds);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a server", e);
    }
    throw new IllegalStateException("the server ended before it was ready; it said why above");
  }

  public URI base() {
    return base;
  }

  /// From the start of the process to its word that it is ready.
  public double readySeconds() {
    return readySeconds;
  }

  /// Processor time that it had used when it was ready, which other programs do not stretch as they
  /// do the other; NaN where the system does not tell.
  public double readyProcessorSeconds() {
    return readyProcessorSeconds;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException _) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
