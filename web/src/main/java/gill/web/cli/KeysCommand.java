package gill.web.cli;

import gill.web.access.ApiKeys;
import gill.web.access.Scope;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `gill keys`: who may use the server.
@Command(
    name = "keys",
    mixinStandardHelpOptions = true,
    header =
        "Makes, lists, replaces and revokes API keys; with the first one a server asks for keys.",
    synopsisSubcommandLabel = "COMMAND")
final class KeysCommand {
  @Spec private CommandSpec spec;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description = "The server's state folder (default: " + Places.DEFAULT_STATE + ").")
  private Path state = Path.of("");

  private ApiKeys keys() {
    return new ApiKeys(Places.keys(Places.state(state)));
  }

  @Command(name = "create", header = "Makes a key and prints it, this once.")
  int create(
      @Parameters(paramLabel = "NAME") String name,
      @Option(
              names = "--scope",
              defaultValue = "READ",
              description = "read, write (and read) or admin (all); default: read.")
          Scope scope) {
    try {
      spec.commandLine().getOut().println(keys().create(name, scope));
    } catch (IllegalArgumentException e) {
      throw new CommandException(String.valueOf(e.getMessage()), 2);
    }
    return 0;
  }

  @Command(
      name = "rotate",
      header = "Replaces a key by a new one of the same name and scope, and prints it, this once.")
  int rotate(
      @Parameters(paramLabel = "NAME") String name,
      @Option(
              names = "--overlap",
              paramLabel = "MINUTES",
              defaultValue = "60",
              description =
                  "How long the old key is still taken; 0 = it ends at once (default: 60).")
          long minutes) {
    try {
      Duration overlap = Duration.ofMinutes(Math.clamp(minutes, -1, Integer.MAX_VALUE));
      spec.commandLine().getOut().println(keys().rotate(name, overlap));
    } catch (IllegalArgumentException e) {
      throw new CommandException(String.valueOf(e.getMessage()), 2);
    }
    return 0;
  }

  @Command(name = "list", header = "Lists names and scopes.")
  int list() {
    for (ApiKeys.Key key : keys().list()) {
      spec.commandLine()
          .getOut()
          .println(
              key.name()
                  + " "
                  + key.scope().name().toLowerCase(Locale.ROOT)
                  + key.until().map(it -> " until " + it).orElse(""));
    }
    return 0;
  }

  @Command(name = "revoke", header = "Takes a key back, at once.")
  int revoke(@Parameters(paramLabel = "NAME") String name) {
    if (!keys().revoke(name)) {
      throw new CommandException("there is no key '" + name + "'; see gill keys list", 1);
    }
    return 0;
  }
}
