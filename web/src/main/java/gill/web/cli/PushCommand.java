package gill.web.cli;

import gill.engine.retrieval.IndexHeader;
import gill.engine.retrieval.IndexedImage;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.TakedownList;
import gill.engine.retrieval.solr.SolrFolder;
import gill.engine.retrieval.solr.SolrPlace;
import gill.engine.retrieval.solr.SolrShape;
import gill.engine.retrieval.solr.SolrWriter;
import gill.indexer.parts.PartsFolder;
import gill.indexer.write.EmbeddingReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `gill corpus push`: an index, or the embeddings of a job in parts, to a Solr collection.
@Command(
    name = "push",
    mixinStandardHelpOptions = true,
    header = "Writes an index to a collection of a SolrCloud, for when one machine is too small.",
    description = {
      "",
      "SOURCE is an index folder, or the folder of parts with embedding Parquet that an index job"
          + " in parts wrote. Search it with --backend solr --solr-url URL --collection NAME."
    })
final class PushCommand implements Callable<Integer> {
  private static final int BATCH = 200;
  private static final int NOTE = 10_000;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SOURCE", description = "Index folder or folder of parts.")
  private Path source = Path.of("");

  @Option(
      names = "--solr-url",
      required = true,
      paramLabel = "URL",
      description = "Addresses of Solr nodes, commas between: http://host:8983/solr,...")
  private String urls = "";

  @Option(
      names = "--collection",
      required = true,
      paramLabel = "NAME",
      description = "Collection to make, or to add to with --update.")
  private String collection = "";

  @Option(names = "--shards", defaultValue = "1", description = "Shards (default: 1).")
  private int shards;

  @Option(
      names = "--replicas",
      defaultValue = "1",
      description = "Copies of each shard, on nodes of their own (default: 1).")
  private int replicas;

  @Option(names = "--update", description = "Add to a collection that is there.")
  private boolean update;

  @Option(
      names = "--alias",
      paramLabel = "NAME",
      description = "Point this alias at the collection when all is there (blue/green).")
  private @Nullable String alias;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Write a folder that stands for the collection wherever an index folder is named, such"
              + " as in --index or a deployment.")
  private @Nullable Path out;

  @Override
  public Integer call() throws IOException {
    SolrPlace place;
    SolrShape shape;
    try {
      place = SolrPlace.of(urls, collection);
      shape = new SolrShape(shards, replicas);
    } catch (IllegalArgumentException e) {
      throw new CommandException(String.valueOf(e.getMessage()), 2);
    }
    List<Path> parquets =
        Files.isDirectory(source.resolve("part-00000"))
            ? new PartsFolder(source).parquets()
            : List.of();
    IndexHeader header =
        parquets.isEmpty()
            ? LuceneBackend.readHeader(source)
            : EmbeddingReader.header(parquets.getFirst());
    long start = System.nanoTime();
    PrintWriter err = spec.commandLine().getErr();
    try (SolrWriter writer =
        update
            ? SolrWriter.update(place, header.bundle())
            : SolrWriter.create(place, shape, header)) {
      Batches batches = new Batches(writer, err, start);
      if (parquets.isEmpty()) {
        var taken = TakedownList.read(source).selectors();
        if (!taken.isEmpty()) {
          writer.takeDown(taken);
        }
        LuceneBackend.forEach(source, batches::add);
        writer.calibrate(LuceneBackend.readCalibration(source));
      } else {
        for (Path parquet : parquets) {
          EmbeddingReader.forEach(parquet, (image, _) -> batches.add(image));
        }
      }
      batches.flush();
      int images = writer.commit();
      String name = alias;
      if (name != null) {
        writer.alias(name);
      }
      Path folder = out;
      if (folder != null) {
        SolrFolder.write(folder, name == null ? place : place.of(name));
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      spec.commandLine()
          .getOut()
          .printf(
              Locale.ROOT,
              "%s holds %d images; %d written in %.1f s (%.0f a second).%n",
              place,
              images,
              batches.written,
              seconds,
              batches.written / seconds);
    }
    return 0;
  }

  private static final class Batches {
    private final SolrWriter writer;
    private final PrintWriter err;
    private final long start;
    private final List<IndexedImage> waiting = new ArrayList<>();
    private long written;

    Batches(SolrWriter writer, PrintWriter err, long start) {
      this.writer = writer;
      this.err = err;
      this.start = start;
    }

    void add(IndexedImage image) {
      waiting.add(image);
      if (waiting.size() == BATCH) {
        flush();
      }
    }

    void flush() {
      long before = written / NOTE;
      written += writer.add(waiting);
      waiting.clear();
      if (written / NOTE > before) {
        double seconds = (System.nanoTime() - start) / 1e9;
        err.printf(Locale.ROOT, "%d images written, %.0f a second%n", written, written / seconds);
        err.flush();
      }
    }
  }
}
