package gill.web.cli;

import gill.engine.flow.PictureHash;
import gill.engine.retrieval.ImageIndexWriter;
import gill.engine.retrieval.ImageSelector;
import gill.engine.retrieval.IndexCheck;
import gill.engine.retrieval.IndexSnapshot;
import gill.engine.retrieval.IndexUpgrade;
import gill.engine.retrieval.TakedownList;
import gill.engine.runtime.Bundle;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `gill corpus`: the life of an index after it was made.
@Command(
    name = "corpus",
    mixinStandardHelpOptions = true,
    header = "Verifies, copies and restores an index, and takes images out of it.",
    description = {"", "A running server finds the change within seconds."},
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      CorpusCommand.Verify.class,
      CorpusCommand.Snapshot.class,
      CorpusCommand.Restore.class,
      CorpusCommand.Upgrade.class,
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
        "Say what to do: verify, snapshot, restore, upgrade, switch, delete or takedown.");
  }

  /// Which index, and how the answer is printed.
  private static final class Answer {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
        names = "--index",
        paramLabel = "DIR",
        description = "Image index (default: " + Places.DEFAULT_INDEX + ").")
    private Path index = Path.of("");

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    Path index() {
      return Places.index(index);
    }

    void print(Map<String, ?> result, String sentence) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(json ? PrettyJson.of(result) : sentence);
    }
  }

  /// Which images.
  private static final class Chosen {
    @Option(names = "--id", paramLabel = "ID", description = "An image's id; may be repeated.")
    private List<String> ids = List.of();

    @Option(
        names = "--sha256",
        paramLabel = "HEX",
        description = "The SHA-256 of an image file, in whatever folder; may be repeated.")
    private List<String> digests = List.of();

    @Option(
        names = "--url",
        paramLabel = "ADDRESS",
        description =
            "Where images came from, as their metadata say (source_url, url or attribution); may be"
                + " repeated.")
    private List<String> urls = List.of();

    @Option(
        names = "--phash",
        paramLabel = "HEX",
        description =
            "Images that look the same: the perceptual hash as their metadata have it (phash); may"
                + " be repeated.")
    private List<String> hashes = List.of();

    @Option(
        names = "--picture",
        paramLabel = "FILE",
        description = "Images that look the same as this picture; may be repeated.")
    private List<Path> pictures = List.of();

    List<ImageSelector> selectors() {
      List<ImageSelector> all = new ArrayList<>();
      try {
        ids.forEach(id -> all.add(new ImageSelector(ImageSelector.Kind.ID, id)));
        digests.forEach(it -> all.add(new ImageSelector(ImageSelector.Kind.SHA256, it)));
        hashes.forEach(it -> all.add(new ImageSelector(ImageSelector.Kind.PHASH, it)));
        pictures.forEach(file ->
            all.add(
                new ImageSelector(
                    ImageSelector.Kind.PHASH, PictureHash.of(SearchOptions.picture(file)).hex())));
        urls.forEach(url -> all.add(new ImageSelector(ImageSelector.Kind.URL, url)));
      } catch (IllegalArgumentException e) {
        throw new CommandException(String.valueOf(e.getMessage()), 2);
      }
      return all;
    }

    List<ImageSelector> required() {
      List<ImageSelector> all = selectors();
      if (all.isEmpty()) {
        throw new CommandException(
            "say which images: give --id, --sha256, --phash, --picture or --url", 2);
      }
      return all;
    }
  }

  /// `gill corpus verify`.
  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      header = "Reads every byte of an index and names what is damaged.",
      description = {
        "",
        "Checks each segment's checksums and inner agreement and, with --bundle, whether that"
            + " bundle made the vectors. Ends with 1 if anything is wrong."
      })
  static final class Verify implements Callable<Integer> {
    @Mixin private Answer answer;

    @Option(
        names = "--bundle",
        paramLabel = "DIR",
        description = "The model bundle that must have made the index.")
    private @Nullable Path bundle;

    @Override
    public Integer call() {
      IndexCheck check = IndexCheck.of(answer.index());
      List<String> faults = new ArrayList<>(check.faults());
      if (bundle != null && check.sound()) {
        faults.addAll(otherMaker(check.index(), bundle));
      }
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("index", check.index().toString());
      result.put("sound", faults.isEmpty());
      result.put("images", check.images());
      result.put("segments", check.segments());
      result.put("faults", faults);
      String sentence =
          faults.isEmpty()
              ? String.format(
                  Locale.ROOT,
                  "%s is sound: %d images in %d segments",
                  check.index(),
                  check.images(),
                  check.segments().size())
              : String.format(
                  Locale.ROOT,
                  "%s is not sound (%d images can still be read):%n  %s%nRestore a snapshot, or"
                      + " index again.",
                  check.index(),
                  check.images(),
                  String.join(System.lineSeparator() + "  ", faults));
      answer.print(result, sentence);
      return faults.isEmpty() ? 0 : 1;
    }

    private static List<String> otherMaker(Path index, Path folder) {
      String maker = IndexCheck.fingerprint(index);
      try (Bundle opened = Bundle.open(folder)) {
        return maker.equals(opened.fingerprint())
            ? List.of()
            : List.of(
                "the index was made with fingerprint "
                    + maker
                    + ", the bundle "
                    + folder
                    + " has "
                    + opened.fingerprint());
      }
    }
  }

  /// `gill corpus snapshot`.
  @Command(
      name = "snapshot",
      mixinStandardHelpOptions = true,
      header = "Copies the last commit of an index, with its takedown list; a server may go on.")
  static final class Snapshot implements Callable<Integer> {
    @Mixin private Answer answer;

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
    @Mixin private Answer answer;

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
    @Mixin private Answer answer;

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
    @Mixin private Answer answer;
    @Mixin private Chosen chosen;

    @Override
    public Integer call() {
      List<ImageSelector> selectors = chosen.required();
      try (ImageIndexWriter writer = ImageIndexWriter.update(answer.index())) {
        int removed = writer.remove(selectors);
        int images = writer.save();
        answer.print(
            Map.of("removed", removed, "images", images),
            removed + " removed, " + images + " images left");
      }
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
            + " holds the list; without --id, --sha256, --phash, --picture or --url it is printed."
            + " To let an image in again, remove its line and index again."
      })
  static final class Takedown implements Callable<Integer> {
    @Mixin private Answer answer;
    @Mixin private Chosen chosen;

    @Override
    public Integer call() {
      List<ImageSelector> selectors = chosen.selectors();
      if (selectors.isEmpty()) {
        list();
        return 0;
      }
      try (ImageIndexWriter writer = ImageIndexWriter.update(answer.index())) {
        int removed = writer.takeDown(selectors);
        int images = writer.save();
        answer.print(
            Map.of("removed", removed, "images", images, "listed", listed().size()),
            removed + " taken down for good, " + images + " images left");
      }
      return 0;
    }

    private List<String> listed() {
      return TakedownList.read(answer.index()).selectors().stream()
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
