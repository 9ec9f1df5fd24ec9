package gill.web.cli;

import gill.engine.retrieval.IndexCheck;
import gill.engine.runtime.Bundle;
import gill.indexer.IndexAudit;
import gill.indexer.embed.BundleEmbedder;
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
import picocli.CommandLine.Option;

/// `gill corpus verify`.
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    header = "Reads every byte of an index and names what is damaged.",
    description = {
      "",
      "Checks each segment's checksums and inner agreement. With --bundle, also whether that bundle"
          + " made the vectors: by its fingerprint and, with --sample, by embedding some of the images"
          + " anew. Ends with 1 if anything is wrong."
    })
final class VerifyCommand implements Callable<Integer> {
  @Mixin private CorpusAnswer answer;

  @Option(
      names = "--bundle",
      paramLabel = "DIR",
      description = "The model bundle that must have made the index.")
  private @Nullable Path bundle;

  @Option(
      names = "--sample",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Embed N of the images anew and compare with their vectors; needs --bundle (default: 0).")
  private int sample;

  @Override
  public Integer call() {
    if (sample < 0 || sample > 0 && bundle == null) {
      throw new CommandException("--sample takes a number of images and needs --bundle", 2);
    }
    IndexCheck check = IndexCheck.of(answer.index());
    List<String> faults = new ArrayList<>(check.faults());
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("index", check.index().toString());
    result.put("images", check.images());
    result.put("segments", check.segments());
    String compared = "";
    if (bundle != null && check.sound()) {
      compared = compare(check.index(), bundle, faults, result);
    }
    result.put("sound", faults.isEmpty());
    result.put("faults", faults);
    answer.print(result, sentence(check, faults) + compared);
    return faults.isEmpty() ? 0 : 1;
  }

  private String compare(Path index, Path folder, List<String> faults, Map<String, Object> result) {
    String maker = IndexCheck.fingerprint(index);
    try (Bundle opened = Bundle.open(folder)) {
      if (!maker.equals(opened.fingerprint())) {
        faults.add(
            "the index was made with fingerprint "
                + maker
                + ", the bundle "
                + folder
                + " has "
                + opened.fingerprint());
        return "";
      }
      if (sample == 0) {
        return "";
      }
      IndexAudit audit = IndexAudit.of(index, BundleEmbedder.of(opened), sample);
      faults.addAll(audit.faults());
      result.put("compared", audit.compared());
      result.put("lowest_cosine", Math.round(audit.lowest() * 1e6) / 1e6);
      return String.format(
          Locale.ROOT,
          "%n%d images embedded anew, lowest cosine to their vectors %.5f",
          audit.compared(),
          audit.lowest());
    }
  }

  private static String sentence(IndexCheck check, List<String> faults) {
    return faults.isEmpty()
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
  }
}
