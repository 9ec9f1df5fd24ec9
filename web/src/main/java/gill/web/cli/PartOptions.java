package gill.web.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/// How a job on Spark is cut: options of `gill index` and of the job jar (a picocli mixin).
final class PartOptions {
  @Option(
      names = "--parts",
      paramLabel = "DIR",
      description =
          "With --master: folder of the parts and their embedding Parquet (default: beside the index, DIR-parts).")
  private Path folder = Path.of("");

  @Option(
      names = "--part-rows",
      paramLabel = "N",
      description =
          "With --master: rows of a part, a multiple of 16 (default: 256, or as many as make 2000"
              + " parts).")
  private int rows;

  @Option(
      names = "--shards",
      description = "With --master: also write each part as a Lucene index of its own.")
  private boolean shards;

  Path folder(Path index) {
    return folder.toString().isEmpty()
        ? index.resolveSibling(index.getFileName() + "-parts")
        : folder.toAbsolutePath().normalize();
  }

  /// 0 = by the size of the corpus.
  int rows() {
    return rows;
  }

  boolean shards() {
    return shards;
  }

  boolean given() {
    return !folder.toString().isEmpty() || rows != 0 || shards;
  }

  List<String> arguments(Path index) {
    List<String> arguments = new ArrayList<>(List.of("--parts", folder(index).toString()));
    if (rows != 0) {
      arguments.addAll(List.of("--part-rows", Integer.toString(rows)));
    }
    if (shards) {
      arguments.add("--shards");
    }
    return arguments;
  }
}
