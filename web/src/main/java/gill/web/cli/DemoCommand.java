package gill.web.cli;

import gill.engine.fault.IndexException;
import gill.web.Server;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `gill demo`: from nothing to a page.
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    header = "Fetches the models, indexes the default corpus, serves the page.",
    description = {
      "",
      "What has been done before is not done again: the second start takes seconds."
    })
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Places places;
  @Mixin private ServeCommand.ServeOptions options;

  @Override
  public Integer call() throws InterruptedException {
    long started = System.nanoTime();
    PrintWriter out = spec.commandLine().getOut();
    Server.requireFree(options.web());
    Setup setup = new Setup(spec.commandLine().getErr());
    setup.fetchModels(places.bundle(), List.of());
    setup.index(places.bundle(), places.index());
    try {
      ServeCommand.serve(places, options, out, started);
    } catch (IndexException e) {
      spec.commandLine().getErr().println(e.getMessage());
      setup.indexAgain(places.bundle(), places.index());
      ServeCommand.serve(places, options, out, started);
    }
    return 0;
  }
}
