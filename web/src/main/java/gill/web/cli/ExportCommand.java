package gill.web.cli;

import gill.indexer.export.EmbeddingExport;
import gill.indexer.flow.CorpusException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `gill corpus export`.
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    header = "Writes an index's vectors and descriptions for other tools.",
    description = {
      "",
      "clip-retrieval's layout: img_emb/img_emb_0.npy, metadata/metadata_0.parquet, and GILL's"
          + " vectors in gill_emb/gill_emb_0.npy. 'gill index' reads the folder again without"
          + " embedding anything."
    })
final class ExportCommand implements Callable<Integer> {
  private static final int PART = 100_000;

  @Mixin private CorpusAnswer answer;

  @Parameters(paramLabel = "DIR", description = "New or empty folder.")
  private Path target = Path.of("");

  @Option(
      names = "--format",
      paramLabel = "F",
      defaultValue = "clip-retrieval",
      description = "Layout; clip-retrieval is the only one so far.")
  private String format = "clip-retrieval";

  @Override
  public Integer call() {
    if (!format.equals("clip-retrieval")) {
      throw new CommandException("--format is clip-retrieval, got " + format, 2);
    }
    try {
      EmbeddingExport export = EmbeddingExport.write(answer.index(), target, PART);
      answer.print(
          Map.of("folder", target.toString(), "images", export.images(), "parts", export.parts()),
          String.format(
              Locale.ROOT, "%d images in %d parts: %s", export.images(), export.parts(), target));
    } catch (CorpusException e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    }
    return 0;
  }
}
