package gill.indexer;

import gill.engine.fault.IndexException;
import gill.engine.flow.IndexCalibration;
import gill.engine.flow.Pixels;
import gill.engine.retrieval.ImageIndexWriter;
import gill.engine.retrieval.IndexHeader;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.SearchBackend;
import gill.engine.retrieval.VectorFormat;
import gill.indexer.IndexingPlan.Mode;
import gill.indexer.decode.ImageDecoder;
import gill.indexer.decode.JobRules;
import gill.indexer.embed.ImageEmbedder;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.IndexingReport;
import gill.indexer.flow.PictureSource;
import gill.indexer.read.CorpusSource;
import gill.indexer.read.EmbeddingFolder;
import gill.indexer.read.FailedRows;
import gill.indexer.read.ReportFiles;
import gill.indexer.report.HtmlReport;
import gill.indexer.report.SamplePictures;
import gill.indexer.write.Journal;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Gatherers;
import java.util.stream.Stream;

/// Makes an index of a corpus, or brings one up to date: read, decode, embed, write, report.
///
/// The stages overlap: while the calling thread embeds and writes one batch, virtual threads decode
/// the next pictures. An image that cannot be indexed is a row of the report. The index appears, or
/// changes, only when all is done. Each batch is a checkpoint ([Journal]): a job that was killed
/// goes on where it was, and its index is that of a job that was not.
public final class IndexingJob {
  private final ImageEmbedder embedder;

  public IndexingJob(ImageEmbedder embedder) {
    this.embedder = embedder;
  }

  /// Runs to the end on the calling thread. Throws [CorpusException] if there is nothing to index,
  /// [IndexException] if the index cannot be written, was made by another bundle, or its images lie
  /// elsewhere than the source's.
  public IndexingReport run(IndexingPlan plan, IndexingListener listener) {
    CorpusSource source = plan.source();
    if (source instanceof EmbeddingFolder vectors) {
      vectors.requireMaker(embedder.bundle().fingerprint());
    }
    Mode mode = plan.mode() == Mode.UPDATE && !hasIndex(plan.index()) ? Mode.REPLACE : plan.mode();
    Predicate<CorpusRow> wanted =
        mode == Mode.RETRY_FAILED ? FailedRows.read(plan.index()) : _ -> true;
    long total = count(source, wanted, mode);
    try (FormerIndex former =
            mode == Mode.REPLACE ? FormerIndex.none() : FormerIndex.of(plan, embedder.bundle());
        ImageIndexWriter writer = writer(plan, mode, total);
        ReportFiles files = new ReportFiles(plan.index(), plan.extras().parquetFailures());
        Intake intake = new Intake(writer, files, former, plan.index(), plan.extras());
        Journal journal = Journal.open(plan.index(), name(plan, mode, wanted));
        PictureSource pictures = source.pictures();
        Stream<CorpusRow> rows = source.rows()) {
      if (mode == Mode.RETRY_FAILED) {
        intake.compareWith(plan.index());
      }
      RowQueue queue = new RowQueue(rows.filter(wanted), source.root());
      Run run = new Run(total, embedder, intake, journal);
      run.resume(queue);
      run.startAt(listener);
      ImageDecoder decoder =
          new ImageDecoder(
              source.root(),
              pictures,
              plan.limits(),
              embedder::prepare,
              new JobRules(
                  id -> queue.isRepeated(id) ? Optional.empty() : former.find(id),
                  intake::refusal,
                  plan.extras().notes()));
      queue.stream()
          .gather(Gatherers.mapConcurrent(plan.ahead(), decoder::decode))
          .gather(Gatherers.windowFixed(plan.batch()))
          .forEach(run::index);
      IndexingReport report = run.finish(plan, mode, writer, files, decoder.seconds());
      calibrate(plan.index(), writer);
      report = publish(report, files, plan);
      Journal.delete(plan.index());
      return report;
    }
  }

  private static IndexingReport publish(
      IndexingReport report, ReportFiles files, IndexingPlan plan) {
    SamplePictures pictures =
        SamplePictures.read(plan.source().root(), report.profile(), plan.limits());
    IndexingReport whole = report.with(report.profile().with("colour", pictures.colours()));
    files.publish(whole);
    HtmlReport.write(plan.index(), whole, pictures);
    return whole;
  }

  /// A second commit: an index that cannot be asked yet cannot be fitted.
  private void calibrate(Path index, ImageIndexWriter writer) {
    try (SearchBackend backend = LuceneBackend.open(index, embedder.bundle())) {
      IndexCalibration former = writer.calibration();
      IndexCalibration fitted = embedder.calibrated(backend, former);
      if (!fitted.equals(former)) {
        writer.calibrate(fitted);
        writer.save();
      }
    }
  }

  /// Reads and decodes everything as [#run] does, but embeds and writes nothing: tells what would
  /// fail, and why. The index folder is not touched.
  public static IndexingReport dryRun(IndexingPlan plan, IndexingListener listener) {
    CorpusSource source = plan.source();
    long total = count(source, _ -> true, Mode.REPLACE);
    try (Stream<CorpusRow> rows = source.rows();
        PictureSource pictures = source.pictures()) {
      Rehearsal rehearsal = new Rehearsal(total, listener);
      ImageDecoder decoder =
          new ImageDecoder(
              source.root(),
              pictures,
              plan.limits(),
              _ -> Pixels.of(1, 1, new byte[3]),
              JobRules.NONE);
      rows.gather(Gatherers.mapConcurrent(plan.ahead(), decoder::decode))
          .gather(Gatherers.windowFixed(plan.batch()))
          .forEach(rehearsal::take);
      return rehearsal.report(plan, decoder.seconds());
    }
  }

  private static long count(CorpusSource source, Predicate<CorpusRow> wanted, Mode mode) {
    long total;
    if (mode == Mode.RETRY_FAILED) {
      try (Stream<CorpusRow> rows = source.rows()) {
        total = rows.filter(wanted).count();
      }
    } else {
      total = source.count();
    }
    if (total == 0) {
      throw new CorpusException(
          mode == Mode.RETRY_FAILED
              ? "nothing to try again: the last job's failure report names no image of "
                  + source.path()
              : "there are no images in " + source.path());
    }
    return total;
  }

  private ImageIndexWriter writer(IndexingPlan plan, Mode mode, long total) {
    if (mode != Mode.REPLACE) {
      requireFormat(plan);
    }
    return mode == Mode.REPLACE
        ? ImageIndexWriter.replace(
            plan.index(),
            new IndexHeader(
                embedder.bundle(),
                embedder.clipDimension(),
                embedder.gillDimension(),
                plan.source().root(),
                plan.vectors().forImages(total)))
        : ImageIndexWriter.update(plan.index(), embedder.bundle());
  }

  private static void requireFormat(IndexingPlan plan) {
    VectorFormat there = LuceneBackend.readHeader(plan.index()).vectorFormat();
    if (plan.vectors() != VectorFormat.AUTO && plan.vectors() != there) {
      throw new IndexException(
          "the index "
              + plan.index()
              + " keeps its vectors as "
              + there.id()
              + ": to have them as "
              + plan.vectors().id()
              + ", index anew instead of bringing it up to date");
    }
  }

  /// All that the outcome of a row depends on besides the row.
  private String name(IndexingPlan plan, Mode mode, Predicate<CorpusRow> wanted) {
    return String.join(
        "\n",
        "1",
        mode + " " + plan.source().path().toAbsolutePath().normalize(),
        embedder.bundle().fingerprint(),
        plan.batch() + " " + plan.limits() + " " + plan.extras().notes().name(),
        wanted instanceof FailedRows failed ? failed.fingerprint() : "");
  }

  private static boolean hasIndex(Path index) {
    if (!Files.isDirectory(index)) {
      return false;
    }
    try (DirectoryStream<Path> commits = Files.newDirectoryStream(index, "segments_*")) {
      return commits.iterator().hasNext();
    } catch (IOException e) {
      throw new IndexException("cannot read the index folder " + index + ": " + e, e);
    }
  }
}
