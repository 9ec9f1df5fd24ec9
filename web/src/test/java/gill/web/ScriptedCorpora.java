package gill.web;

import gill.engine.flow.Cancellation;
import gill.web.jobs.Corpora;
import gill.web.jobs.JobProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Corpora whose indexing goes as the source is called: `slow` stands at half until it is
/// cancelled, `missing` fails, any other ends with two failures.
final class ScriptedCorpora implements Corpora {
  static final String EVIL = "<img src=x onerror=\"document.title='pwned'\">.png";

  final List<Order> orders = new CopyOnWriteArrayList<>();
  final List<TakenDown> takenDown = new CopyOnWriteArrayList<>();

  @Override
  public List<Corpus> list() {
    return List.of(
        new Corpus(
            "icons", "/indexes/icons", true, 8766, "f".repeat(64), "3", "f32", 1_790_000_000),
        new Corpus(
            "<i>old</i>", "/indexes/old", false, 1, "e".repeat(64), "3", "int7", 1_780_000_000));
  }

  @Override
  public Optional<Path> target(@Nullable String index) {
    return Optional.of(Path.of("/indexes").resolve(index == null ? "icons" : index));
  }

  @Override
  public Optional<Path> source(Path source) {
    return source.startsWith("/srv") ? Optional.of(source) : Optional.empty();
  }

  @Override
  public boolean allowsIndexing() {
    return true;
  }

  @Override
  public Indexed index(Order order, Path failures, Listener listener, Cancellation cancellation) {
    orders.add(order);
    listener.progress(
        new JobProgress("index", 5231, 18_766, 72.4, 187), Map.of("indexed", 5220L, "failed", 11L));
    if (order.source().endsWith("slow")) {
      awaitCancelled(cancellation);
    }
    if (order.source().endsWith("missing")) {
      throw new IllegalArgumentException("there is no picture in /srv/missing");
    }
    try {
      Files.writeString(
          failures,
          """
          {"id": "a", "path": %s, "reason": "unreadable_image", "message": "The file ends early."}
          {"id": "b", "path": "b.tiff", "reason": "unsupported_format", "message": "No reader."}
          """
              .formatted(JsonMapper.shared().writeValueAsString(EVIL)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Indexed("{}", Map.of("indexed", 12L, "failed", 2L, "added", 12L));
  }

  private static void awaitCancelled(Cancellation cancellation) {
    CountDownLatch never = new CountDownLatch(1);
    while (!cancellation.isCancelled()) {
      try {
        if (never.await(20, TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException _) {
        return;
      }
    }
    throw new CancellationException();
  }

  @Override
  public List<TakenDown> takedowns() {
    return List.copyOf(takenDown);
  }

  @Override
  public TakedownResult takeDown(List<TakenDown> which) {
    takenDown.addAll(which);
    return new TakedownResult(which.size(), 8766 - which.size());
  }
}
