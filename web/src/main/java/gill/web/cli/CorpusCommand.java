package gill.web.cli;

import gill.engine.retrieval.ImageSelector;
import gill.engine.retrieval.IndexSnapshot;
import gill.engine.retrieval.IndexUpgrade;
import gill.engine.retrieval.TakedownList;
import gill.engine.retrieval.solr.ImageRemoval;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `gill corpus`: the life of an index after it was made.
@Command(
    name = "corpus",
    mixinStandardHelpOptions = true,
    header = "Verifies, copies, exports and migrates an index, and takes images out of it.",
    description = {"", "A running server finds the change within seconds."},
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      VerifyCommand.class,
      CorpusCommand.Snapshot.class,
      CorpusCommand.Restore.class,
      CorpusCommand.Upgrade.class,
      ExportCommand.class,
      MigrateCommand.class,
      PushCommand.class,
      SwitchCommand.class,
      CorpusCommand.Delete.class,
      CorpusCommand.Takedown.class
    })
final class CorpusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(),
        "Say what to do: verify, snapshot, restore, upgrade, export, migrate, switch, delete or"
            + " takedown.");
  }

  /// `gill corpus snapshot`.
  @Command(
      name = "snapshot",
      mixinStandardHelpOptions = true,
      header = "Copies the last commit of an index, with its takedown list; a server may go on.")
  static final class Snapshot implements Callable<Integer> {
    @Mixin private CorpusAnswer answer;

    @Parameters(paramLabel = "DIR", description = "New or empty folder for the copy.")
    private Path target = Path.of("");

    @Override
    public Integer call() {
      IndexSnapshot taken = IndexSnapshot.take(answer.index(), target);
      answer.print(
          Map.of("snapshot", target.toString(), "images", taken.images(), "bytes", taken.bytes()),
          String.format(
              Locale.ROOT,
              "%d images (%.1f MB) copied and verified: %s",
              taken.images(),
              taken.bytes() / 1e6,
              target));
      return 0;
    }
  }

  /// `gill corpus restore`.
  @Command(
      name = "restore",
      mixinStandardHelpOptions = true,
      header = "Makes a snapshot the index again, in one commit; takedowns made since still hold.")
  static final class Restore implements Callable<Integer> {
    @Mixin private CorpusAnswer answer;

    @Parameters(paramLabel = "DIR", description = "Folder of the snapshot.")
    private Path source = Path.of("");

    @Override
    public Integer call() {
      int images = IndexSnapshot.restore(source, answer.index());
      answer.print(
          Map.of("index", answer.index().toString(), "images", images),
          images + " images restored: " + answer.index());
      return 0;
    }
  }

  /// `gill corpus upgrade`.
  @Command(
      name = "upgrade",
      mixinStandardHelpOptions = true,
      header = "Brings an index of the format before up to date; no image is embedded again.")
  static final class Upgrade implements Callable<Integer> {
    @Mixin private CorpusAnswer answer;

    @Override
    public Integer call() {
      int images = IndexUpgrade.of(answer.index());
      answer.print(
          Map.of("index", answer.index().toString(), "images", images),
          images + " images brought up to date: " + answer.index());
      return 0;
    }
  }

  /// `gill corpus delete`.
  @Command(
      name = "delete",
      mixinStandardHelpOptions = true,
      header = "Takes images out of an index; indexing again brings them back.")
  static final class Delete implements Callable<Integer> {
    @Mixin private CorpusAnswer answer;
    @Mixin private ChosenImages chosen;

    @Override
    public Integer call() {
      List<ImageSelector> selectors = chosen.required();
      ImageRemoval.Outcome done = ImageRemoval.remove(answer.index(), selectors);
      answer.print(
          Map.of("removed", done.removed(), "images", done.images()),
          done.removed() + " removed, " + done.images() + " images left");
      return 0;
    }
  }

  /// `gill corpus takedown`.
  @Command(
      name = "takedown",
      mixinStandardHelpOptions = true,
      header = "Takes images out of an index for good: no later indexing brings them back.",
      description = {
        "",
        "The index folder's "
            + TakedownList.FILE
            + " holds the list (a Solr collection holds its own); without --id, --sha256, --phash,"
            + " --picture or --url it is printed. To let an image in again, remove its line and"
            + " index again."
      })
  static final class Takedown implements Callable<Integer> {
    @Mixin private CorpusAnswer answer;
    @Mixin private ChosenImages chosen;

    @Override
    public Integer call() {
      List<ImageSelector> selectors = chosen.selectors();
      if (selectors.isEmpty()) {
        list();
        return 0;
      }
      ImageRemoval.Outcome done = ImageRemoval.takeDown(answer.index(), selectors);
      answer.print(
          Map.of("removed", done.removed(), "images", done.images(), "listed", listed().size()),
          done.removed() + " taken down for good, " + done.images() + " images left");
      return 0;
    }

    private List<String> listed() {
      return ImageRemoval.takedowns(answer.index()).selectors().stream()
          .map(ImageSelector::toString)
          .toList();
    }

    private void list() {
      if (!Files.isDirectory(answer.index())) {
        throw new CommandException("there is no index folder " + answer.index());
      }
      List<String> all = listed();
      answer.print(
          Map.of("takedowns", all),
          all.isEmpty() ? "Nothing was taken down." : String.join(System.lineSeparator(), all));
    }
  }
}
