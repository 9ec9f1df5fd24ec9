package gill.web.cli;

import gill.engine.flow.Cancellation;
import gill.engine.retrieval.ImageSelector;
import gill.engine.retrieval.IndexInfo;
import gill.engine.retrieval.solr.ImageRemoval;
import gill.engine.retrieval.solr.SolrFolder;
import gill.engine.retrieval.solr.SolrPlace;
import gill.engine.runtime.Bundle;
import gill.indexer.IndexingJob;
import gill.indexer.IndexingListener;
import gill.indexer.IndexingPlan;
import gill.indexer.embed.BundleEmbedder;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.IndexingReport;
import gill.indexer.flow.Progress;
import gill.indexer.read.ReportFiles;
import gill.web.Deployment.Place;
import gill.web.jobs.Corpora;
import gill.web.jobs.JobProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The corpora of a server. New indexes lie beside the served one; what is indexed lies within the
/// folders that the operator named. Where a Solr collection is served, nothing is indexed from
/// here.
final class ServedCorpora implements Corpora {
  private final Supplier<Place> place;
  private final List<Path> roots;

  /// @param roots folders that may be indexed from
  ServedCorpora(Supplier<Place> place, List<Path> roots) {
    this.place = place;
    this.roots = roots.stream().map(ServedCorpora::real).toList();
  }

  private static Path real(Path root) {
    try {
      return root.toRealPath();
    } catch (IOException e) {
      throw new CommandException("--index-root " + root + " is no folder that can be read", 2);
    }
  }

  @Override
  public List<Corpus> list() {
    Path served = place.get().index();
    List<Corpus> all = new ArrayList<>();
    if (SolrFolder.isOne(served)) {
      SolrPlace solr = SolrFolder.read(served);
      String path = solr.urls().getFirst() + "/" + solr.collection();
      all.add(corpus(SolrFolder.info(served), solr.collection(), path, true));
    }
    for (IndexInfo it : IndexInfo.in(parent(served))) {
      boolean live = it.index().equals(served);
      String name = String.valueOf(it.index().getFileName());
      all.add(live ? 0 : all.size(), corpus(it, name, it.index().toString(), live));
    }
    return all;
  }

  private static Corpus corpus(IndexInfo it, String name, String path, boolean live) {
    return new Corpus(
        name,
        path,
        live,
        it.images(),
        it.header().bundle().fingerprint(),
        it.format(),
        it.header().vectorFormat().id(),
        it.updated().getEpochSecond());
  }

  private static Path parent(Path index) {
    Path absolute = index.toAbsolutePath().normalize();
    return absolute.getParent() == null ? absolute : absolute.getParent();
  }

  @Override
  public Optional<Path> target(@Nullable String index) {
    Path served = place.get().index();
    if (SolrFolder.isOne(served)) {
      return Optional.empty();
    }
    if (index == null) {
      return Optional.of(served);
    }
    try {
      Path wanted = parent(served).resolve(index).normalize();
      return Optional.of(wanted)
          .filter(it -> parent(served).equals(it.getParent()))
          .filter(it -> !it.getFileName().toString().startsWith("."));
    } catch (InvalidPathException _) {
      return Optional.empty();
    }
  }

  @Override
  public Optional<Path> source(Path source) {
    if (!source.isAbsolute()) {
      return Optional.empty();
    }
    try {
      Path real = source.toRealPath();
      return roots.stream().anyMatch(real::startsWith) ? Optional.of(real) : Optional.empty();
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  @Override
  public boolean allowsIndexing() {
    return !roots.isEmpty() && !SolrFolder.isOne(place.get().index());
  }

  @Override
  public Indexed index(Order order, Path failures, Listener listener, Cancellation cancellation) {
    IndexingListener watch =
        progress -> {
          if (cancellation.isCancelled()) {
            throw new CancellationException();
          }
          listener.progress(progress(progress), counts(progress));
        };
    try {
      IndexingPlan plan =
          IndexCommand.plan(
              order.source(), order.index(), order.mode() == Mode.DRY_RUN, mode(order.mode()));
      requireWithin(plan);
      IndexingReport report =
          order.mode() == Mode.DRY_RUN ? IndexingJob.dryRun(plan, watch) : run(plan, watch);
      keepFailures(order, report, failures);
      return new Indexed(
          ReportFiles.toJson(report),
          Map.of(
              "indexed", report.images(),
              "failed", report.failed(),
              "added", report.changes().added(),
              "changed", report.changes().changed(),
              "unchanged", report.changes().unchanged(),
              "removed", report.changes().removed()));
    } catch (CorpusException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /// A source may say where its pictures lie; the server would show them to everybody.
  private void requireWithin(IndexingPlan plan) {
    Path pictures = plan.source().root().toAbsolutePath().normalize();
    if (roots.stream().noneMatch(pictures::startsWith)
        && !pictures.startsWith(parent(plan.index()))) {
      throw new IllegalArgumentException(
          "the pictures of "
              + plan.source().path()
              + " lie in "
              + pictures
              + ", which is within no folder that may be indexed from");
    }
  }

  private IndexingReport run(IndexingPlan plan, IndexingListener watch) {
    try (Bundle bundle = Bundle.open(place.get().bundle())) {
      return new IndexingJob(BundleEmbedder.of(bundle)).run(plan, watch);
    }
  }

  private static IndexingPlan.Mode mode(Mode mode) {
    return switch (mode) {
      case NEW, DRY_RUN -> IndexingPlan.Mode.REPLACE;
      case UPDATE -> IndexingPlan.Mode.UPDATE;
      case RETRY_FAILED -> IndexingPlan.Mode.RETRY_FAILED;
    };
  }

  private static JobProgress progress(Progress it) {
    return new JobProgress(
        "index", it.done(), it.total(), it.perSecond(), it.left().toMillis() / 1000.0);
  }

  private static Map<String, Long> counts(Progress it) {
    return Map.of("indexed", it.done() - it.failures(), "failed", it.failures());
  }

  /// A dry run leaves no file: its report holds the first failures.
  private static void keepFailures(Order order, IndexingReport report, Path failures) {
    try {
      if (order.mode() == Mode.DRY_RUN) {
        Files.write(failures, report.failures().stream().map(ReportFiles::toJson).toList());
      } else {
        Files.copy(
            order.index().resolve(ReportFiles.FAILURES),
            failures,
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep the failures in " + failures, e);
    }
  }

  @Override
  public List<TakenDown> takedowns() {
    return ImageRemoval.takedowns(place.get().index()).selectors().stream()
        .map(it -> new TakenDown(it.kind().name().toLowerCase(Locale.ROOT), it.value()))
        .toList();
  }

  @Override
  public TakedownResult takeDown(List<TakenDown> which) {
    List<ImageSelector> selectors =
        which.stream()
            .map(it ->
                new ImageSelector(
                    ImageSelector.Kind.valueOf(it.kind().toUpperCase(Locale.ROOT)), it.value()))
            .toList();
    ImageRemoval.Outcome done = ImageRemoval.takeDown(place.get().index(), selectors);
    return new TakedownResult(done.removed(), done.images());
  }
}
