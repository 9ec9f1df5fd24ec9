package gill.web.cli;

import gill.indexer.flow.Changes;
import gill.indexer.flow.CorpusProfile;
import gill.indexer.flow.IndexingReport;
import gill.indexer.read.ReportFiles;
import gill.indexer.report.HtmlReport;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;

/// An indexing job's report in a few lines.
final class IndexSummary {
  private IndexSummary() {}

  static String ofRehearsal(IndexingReport report) {
    return String.format(
        Locale.ROOT,
        "%d of %d images can be indexed%s. Nothing was written.",
        report.images(),
        report.total(),
        report.failed() > 0 ? "; " + failures(report) : "");
  }

  private static String failures(IndexingReport report) {
    return report.failed()
        + " not indexed ("
        + report.failuresByReason().entrySet().stream()
            .map(reason -> reason.getValue() + " " + reason.getKey())
            .collect(Collectors.joining(", "))
        + ")";
  }

  static String of(IndexingReport report) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%d images indexed in %.1f s (%.1f images/s): %s",
            report.images(),
            report.seconds(),
            report.imagesPerSecond(),
            report.index()));
    if (report.duplicates() > 0) {
      text.append('\n')
          .append(report.duplicates())
          .append(" replaced by a later image of the same id");
    }
    Changes changes = report.changes();
    if (changes.changed() + changes.unchanged() + changes.removed() > 0) {
      text.append(
          String.format(
              Locale.ROOT,
              "%n%d added, %d changed, %d unchanged, %d removed",
              changes.added(),
              changes.changed(),
              changes.unchanged(),
              changes.removed()));
    }
    if (report.resumed() > 0) {
      text.append('\n').append(report.resumed()).append(" taken over from a run broken off");
    }
    CorpusProfile profile = report.profile();
    if (profile.nearDuplicates() > 0) {
      text.append(
          String.format(
              Locale.ROOT,
              "%n%d repeat an earlier image, of which %d were left out: %s",
              profile.nearDuplicates(),
              profile.dropped(),
              Path.of(report.index()).resolve(ReportFiles.DUPLICATES)));
    }
    if (report.failed() > 0) {
      text.append('\n')
          .append(failures(report))
          .append(": ")
          .append(Path.of(report.index()).resolve(ReportFiles.FAILURES));
    }
    text.append("\nReport: ").append(Path.of(report.index()).resolve(HtmlReport.FILE));
    return text.toString();
  }
}
