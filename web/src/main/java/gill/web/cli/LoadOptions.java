package gill.web.cli;

import gill.web.load.ServedProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which server is put under load: options of `bench server` and `bench soak` (a picocli mixin).
final class LoadOptions {
  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "A server that runs already, such as http://localhost:7860/ (default: one is started).")
  private @Nullable URI url;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      defaultValue = "",
      description = "Its key, of the scope admin, if it asks for one.")
  private String key = "";

  String key() {
    return key;
  }

  /// A server under load.
  ///
  /// @param process null = it was there before
  record Target(URI base, @Nullable ServedProcess process, @Nullable Path state)
      implements AutoCloseable {
    @Override
    public void close() {
      if (process != null) {
        process.close();
      }
      if (state != null) {
        delete(state);
      }
    }
  }

  /// The server that is named, or one that is started with an empty state folder.
  Target open(Places places) {
    return url != null
        ? new Target(url, null, null)
        : start(places, ServedProcess.machineOptions());
  }

  /// Starts a server with an empty state folder.
  Target start(Places places, List<String> machineOptions) {
    try {
      Path state = Files.createTempDirectory("gill-load");
      ServedProcess process =
          ServedProcess.start(
              machineOptions,
              List.of(
                  "--bundle=" + places.bundle(), "--index=" + places.index(), "--state=" + state));
      return new Target(process.base(), process, state);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a state folder", e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + folder, e);
    }
  }
}
