package gill.web.cli;

import gill.engine.fault.EngineException;
import gill.web.PortInUseException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/// The program `gill`. Exit codes: 0 done, 1 could not be done (the message says why), 2 wrong
/// usage, 3 the port is taken.
@Command(
    name = "gill",
    mixinStandardHelpOptions = true,
    version = "gill 0.1.0",
    header = "Answers with text and images: finds pictures in a corpus, draws what is missing.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      ServeCommand.class,
      AskCommand.class,
      LookupCommand.class,
      SearchCommand.class,
      IndexCommand.class,
      CorpusCommand.class,
      DecisionCommand.class,
      ModelsCommand.class,
      KeysCommand.class,
      BenchCommand.class,
      EvalCommand.class,
      RehearseCommand.class
    },
    footer = {
      "",
      "`gill test` runs the test suites (see docs/testing.md).",
      "Start with `gill demo` and open the address it prints."
    })
public final class Gill implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(Gill.class);

  private static final int PORT_IN_USE = 3;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "Say what to do: a COMMAND is missing.");
  }

  public static void main(String[] args) {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    System.exit(commandLine().execute(args));
  }

  /// The parser with all subcommands; tests hand it their own writers.
  public static CommandLine commandLine() {
    return new CommandLine(new Gill())
        .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(Gill::explain);
  }

  private static int explain(Exception fault, CommandLine command, ParseResult parsed) {
    String message = fault.getMessage() == null ? fault.toString() : fault.getMessage();
    command.getErr().println("gill: " + message);
    switch (fault) {
      case CommandException c -> {
        return c.exitCode();
      }
      case PortInUseException _ -> {
        return PORT_IN_USE;
      }
      case EngineException e -> LOG.debug("engine", e);
      default -> LOG.error("unexpected", fault);
    }
    return CommandLine.ExitCode.SOFTWARE;
  }
}
