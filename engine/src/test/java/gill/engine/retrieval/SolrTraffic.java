package gill.engine.retrieval;

import gill.engine.fault.CorpusUnavailableException;
import gill.engine.flow.Filter;
import gill.engine.flow.Hit;
import gill.engine.flow.ImageId;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.VectorField;
import gill.engine.retrieval.solr.SolrWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Two readers and two writers that are never idle. A read asks for the nearest of the images that
/// were there before, whatever is written meanwhile, and must get them in their order.
final class SolrTraffic implements AutoCloseable {
  private static final Filter WRITTEN = Filter.In.of("source", "sample");
  private static final int BATCH = 20;

  private final List<Thread> threads = new ArrayList<>();
  private final Queue<String> faults = new ConcurrentLinkedQueue<>();
  private final Set<ImageId> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicLong answers = new AtomicLong();
  private final AtomicLong batches = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong longestRead = new AtomicLong();
  private final AtomicLong longestWrite = new AtomicLong();
  private volatile boolean over;

  private SolrTraffic(SearchBackend backend, @Nullable SolrWriter writer, List<IndexedImage> base) {
    for (int i = 0; i < 2; i++) {
      long seed = 100 + i;
      String name = "new/" + i + "/";
      threads.add(Thread.ofPlatform().start(() -> read(backend, base, new Random(seed))));
      if (writer != null) {
        threads.add(Thread.ofPlatform().start(() -> write(writer, name, new Random(~seed))));
      }
    }
  }

  static SolrTraffic start(SearchBackend backend, SolrWriter writer, List<IndexedImage> base) {
    return new SolrTraffic(backend, writer, base);
  }

  static SolrTraffic reading(SearchBackend backend, List<IndexedImage> base) {
    return new SolrTraffic(backend, null, base);
  }

  private void read(SearchBackend backend, List<IndexedImage> base, Random random) {
    while (!over) {
      RetrievalQuery query =
          new RetrievalQuery(
              VectorField.CLIP,
              SampleRows.vector(random, SampleRows.CLIP),
              10,
              Set.of(),
              new Filter.Not(WRITTEN));
      List<ImageId> expected =
          base.stream()
              .sorted((one, two) ->
                  Double.compare(
                      query.vector().cosine(two.clip()), query.vector().cosine(one.clip())))
              .limit(10)
              .map(row -> row.image().id())
              .toList();
      long start = System.nanoTime();
      try {
        List<ImageId> found = backend.search(query).bestFirst().stream().map(Hit::id).toList();
        if (!found.equals(expected)) {
          faults.add("expected " + expected + ", got " + found);
        }
        answers.incrementAndGet();
      } catch (RuntimeException e) {
        faults.add("read: " + e);
      }
      longestRead.accumulateAndGet(System.nanoTime() - start, Math::max);
    }
  }

  private void write(SolrWriter writer, String name, Random random) {
    for (int next = 0; !over; ) {
      List<IndexedImage> batch = new ArrayList<>();
      for (int i = 0; i < BATCH; i++) {
        batch.add(
            SampleRows.row(
                name + "%06d".formatted(next++), SampleRows.vector(random, SampleRows.CLIP)));
      }
      long start = System.nanoTime();
      try {
        writer.add(batch);
        batch.forEach(row -> acknowledged.add(row.image().id()));
        batches.incrementAndGet();
      } catch (CorpusUnavailableException e) {
        refused.incrementAndGet();
      } catch (RuntimeException e) {
        faults.add("write: " + e);
      }
      longestWrite.accumulateAndGet(System.nanoTime() - start, Math::max);
    }
  }

  long answers() {
    return answers.get();
  }

  long batches() {
    return batches.get();
  }

  /// Images whose writing was confirmed.
  Set<ImageId> acknowledged() {
    return Set.copyOf(acknowledged);
  }

  /// Wrong answers, and what was thrown.
  List<String> faults() {
    return List.copyOf(faults);
  }

  String readFigures() {
    return String.format(
        Locale.ROOT,
        "%d right, %d failed, longest %.0f ms",
        answers.get(),
        faults.size(),
        longestRead.get() / 1e6);
  }

  String writeFigures() {
    return String.format(
        Locale.ROOT,
        "%d batches confirmed, %d refused, longest %.0f ms",
        batches.get(),
        refused.get(),
        longestWrite.get() / 1e6);
  }

  /// Ends when what is under way has ended.
  void stop() {
    over = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() {
    stop();
  }
}
