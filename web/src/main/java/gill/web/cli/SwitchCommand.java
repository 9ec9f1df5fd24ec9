package gill.web.cli;

import gill.engine.retrieval.IndexCheck;
import gill.engine.runtime.Bundle;
import gill.web.Deployment;
import gill.web.Deployment.Place;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `gill corpus switch`.
@Command(
    name = "switch",
    mixinStandardHelpOptions = true,
    header = "Turns a running server to another index or bundle, or back, without a pause.",
    description = {
      "",
      "Writes the file that 'gill serve --deployment FILE' follows, after checking that the index"
          + " is sound and was made by the bundle. Searches under way end on the former one."
    })
final class SwitchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The deployment file; made if it is missing.")
  private Path file = Path.of("");

  @Option(names = "--index", paramLabel = "DIR", description = "The index to turn to.")
  private @Nullable Path index;

  @Option(
      names = "--bundle",
      paramLabel = "DIR",
      description =
          "The bundle that made it (default: the one served, else " + Places.DEFAULT_BUNDLE + ").")
  private @Nullable Path bundle;

  @Option(names = "--back", description = "Turn to what was served before.")
  private boolean back;

  @Override
  public Integer call() {
    if (back == (index != null || bundle != null)) {
      throw new CommandException("say where to: give --index and --bundle, or --back", 2);
    }
    Optional<Deployment> now =
        Files.exists(file) ? Optional.of(Deployment.read(file)) : Optional.empty();
    Deployment next = back ? former(now) : next(now);
    requireFit(next.current());
    next.write(file);
    spec.commandLine()
        .getOut()
        .println(file + " names " + next.current().index() + "; servers that follow it turn to it");
    return 0;
  }

  private Deployment former(Optional<Deployment> now) {
    return now.flatMap(Deployment::back)
        .orElseThrow(() -> new CommandException("nothing was served before, as " + file + " says"));
  }

  private Deployment next(Optional<Deployment> now) {
    Place place =
        new Place(
            bundle != null
                ? bundle
                : now.map(it -> it.current().bundle())
                    .orElseGet(() -> Places.root().resolve(Places.DEFAULT_BUNDLE)),
            index != null
                ? index
                : now.map(it -> it.current().index())
                    .orElseThrow(() -> new CommandException("give --index", 2)));
    return now.map(it -> it.to(place)).orElseGet(() -> new Deployment(place, Optional.empty()));
  }

  private static void requireFit(Place place) {
    IndexCheck check = IndexCheck.of(place.index());
    if (!check.sound()) {
      throw new CommandException(
          "nothing was switched, the index is not sound: " + String.join("; ", check.faults()));
    }
    String maker = IndexCheck.fingerprint(place.index());
    try (Bundle opened = Bundle.open(place.bundle())) {
      if (!maker.equals(opened.fingerprint())) {
        throw new CommandException(
            "nothing was switched: the index "
                + place.index()
                + " was made with fingerprint "
                + maker
                + ", the bundle "
                + place.bundle()
                + " has "
                + opened.fingerprint());
      }
    }
  }
}
