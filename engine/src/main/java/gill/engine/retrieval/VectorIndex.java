package gill.engine.retrieval;

import gill.engine.fault.IndexException;
import gill.engine.flow.Effort;
import gill.engine.flow.Filter;
import gill.engine.flow.ImageId;
import gill.engine.flow.QueryKind;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.IndexWriterConfig.OpenMode;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.BytesRef;

/// An index of vectors alone, written and searched as an index of images writes and searches its
/// CLIP vectors: what a measurement of formats and efforts needs. Searches are safe for use by many
/// threads.
public final class VectorIndex implements AutoCloseable {
  private static final String LABEL = "keyword";

  private final Path folder;
  private final Directory directory;
  private final DirectoryReader reader;
  private final IndexSearcher searcher;
  private final VectorFormat format;
  private final VectorSearch vectors = new VectorSearch(VectorSearch.Options.DEFAULT);

  private VectorIndex(
      Path folder, Directory directory, DirectoryReader reader, VectorFormat format) {
    this.folder = folder;
    this.directory = directory;
    this.reader = reader;
    this.searcher = new IndexSearcher(reader);
    this.format = format;
  }

  /// Where vectors come from; read by many threads at once.
  public interface Rows {
    int size();

    /// A unit vector.
    float[] vector(int row);

    /// What a search may ask for.
    List<String> labels(int row);
  }

  /// How to build.
  ///
  /// @param connections neighbours per node of the graph; twice as many on the lowest level
  /// @param breadth candidates per insertion
  /// @param threads that add vectors; all cores build the graph
  public record Plan(VectorFormat format, int connections, int breadth, int threads) {
    public static Plan usual(VectorFormat format) {
      return new Plan(
          format,
          VectorFormat.Graph.USUAL.connections(),
          VectorFormat.Graph.USUAL.breadth(),
          VectorCodec.workers());
    }
  }

  /// @param rows of the nearest, best first
  /// @param visited vectors that were compared
  public record Answer(List<Integer> rows, long visited) {}

  /// Writes an index into a folder, in place of what index is there.
  ///
  /// @param progress is told how many vectors were added, now and then
  public static void build(Path folder, Rows rows, Plan plan, IntConsumer progress) {
    VectorCodec codec =
        VectorCodec.bulk(plan.format(), new VectorFormat.Graph(plan.connections(), plan.breadth()));
    IndexWriterConfig config =
        new IndexWriterConfig()
            .setCodec(codec)
            .setMergePolicy(new BulkMerges())
            .setMergeScheduler(IndexFolder.merging())
            .setOpenMode(OpenMode.CREATE)
            .setRAMBufferSizeMB(256);
    try (Directory directory = FSDirectory.open(folder);
        IndexWriter writer = new IndexWriter(directory, config);
        ExecutorService adding = Executors.newFixedThreadPool(plan.threads())) {
      AtomicInteger next = new AtomicInteger();
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < plan.threads(); i++) {
        all.add(
            adding.submit(
                (Callable<Void>)
                    () -> {
                      for (int row = next.getAndIncrement();
                          row < rows.size();
                          row = next.getAndIncrement()) {
                        writer.addDocument(document(rows, row));
                        if (row % 10_000 == 0) {
                          progress.accept(row);
                        }
                      }
                      return null;
                    }));
      }
      for (Future<?> each : all) {
        each.get();
      }
      progress.accept(rows.size());
      codec.finish();
      writer.forceMerge(1);
      writer.setLiveCommitData(CommitData.ofVectors(plan.format()).entrySet());
      writer.commit();
    } catch (IOException | ExecutionException e) {
      throw new IndexException("cannot write the vectors to " + folder + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IndexException("the writing of " + folder + " was broken off", e);
    }
  }

  private static Document document(Rows rows, int row) {
    Document document = new Document();
    String id = Integer.toString(row);
    document.add(new StringField(IndexFormat.ID, id, Field.Store.NO));
    document.add(new SortedDocValuesField(IndexFormat.ID, new BytesRef(id)));
    document.add(
        new KnnFloatVectorField(
            IndexFormat.field(VectorField.CLIP),
            rows.vector(row),
            VectorSimilarityFunction.DOT_PRODUCT));
    for (String label : rows.labels(row)) {
      document.add(new StringField(IndexFormat.keywordField(LABEL), label, Field.Store.NO));
    }
    return document;
  }

  /// Throws [IndexException] if there is no such index.
  public static VectorIndex open(Path folder) {
    try {
      Directory directory = IndexFiles.open(folder);
      try {
        DirectoryReader reader = DirectoryReader.open(directory);
        VectorFormat format = CommitData.vectorFormat(reader.getIndexCommit().getUserData());
        return new VectorIndex(folder, directory, reader, format);
      } catch (IOException | RuntimeException e) {
        directory.close();
        throw e;
      }
    } catch (IOException e) {
      throw new IndexException("cannot read the vectors of " + folder + ": " + e.getMessage(), e);
    }
  }

  /// The CLIP vectors of an index of images, in the order of their ids. Throws [IndexException] if
  /// there is no such index.
  public static List<float[]> ofImages(Path index) {
    try (Directory directory = FSDirectory.open(index);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      Map<ImageId, float[]> byId = new TreeMap<>();
      IndexRows.forEach(reader, row -> byId.put(row.image().id(), row.clip().toArray()));
      return List.copyOf(byId.values());
    } catch (IOException e) {
      throw new IndexException("cannot read the vectors of " + index + ": " + e.getMessage(), e);
    }
  }

  public VectorFormat format() {
    return format;
  }

  public int size() {
    return reader.numDocs();
  }

  /// The nearest of all vectors.
  public Answer search(float[] vector, int limit, Effort effort) {
    return search(vector, limit, effort, Filter.ALL);
  }

  /// The nearest of the vectors that have a label.
  public Answer search(float[] vector, int limit, Effort effort, String label) {
    return search(vector, limit, effort, new Filter.In(LABEL, List.of(label)));
  }

  private Answer search(float[] vector, int limit, Effort effort, Filter filter) {
    try {
      VectorSearch.Found found =
          vectors.search(
              searcher,
              new RetrievalQuery(
                  QueryKind.of(VectorField.CLIP),
                  UnitVector.of(vector),
                  limit,
                  Set.of(),
                  filter,
                  effort),
              format);
      return new Answer(
          found.bestFirst().stream().map(hit -> Integer.valueOf(hit.id())).toList(),
          found.visited());
    } catch (IOException e) {
      throw new IndexException("cannot read the vectors of " + folder + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try (directory) {
      reader.close();
    } catch (IOException e) {
      throw new IndexException("closing the vectors of " + folder + ": " + e.getMessage(), e);
    }
  }
}
