package gill.indexer.report;

import gill.indexer.flow.CorpusProfile;
import gill.indexer.flow.CorpusProfile.Mark;
import gill.indexer.flow.CorpusProfile.Sample;
import gill.indexer.flow.Failure;
import gill.indexer.flow.IndexingReport;
import gill.indexer.flow.NearDuplicate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/// A job's report as one HTML page that needs nothing else: numbers, failures, distributions,
/// throughput, pictures. No script.
public final class HtmlReport {
  public static final String FILE = "indexing-report.html";

  private static final int BARS = 12;
  private static final int SHOWN_FAILURES = 30;

  private final IndexingReport report;
  private final SamplePictures pictures;
  private final StringBuilder html = new StringBuilder();

  private HtmlReport(IndexingReport report, SamplePictures pictures) {
    this.report = report;
    this.pictures = pictures;
  }

  /// Writes the page into the index folder.
  public static void write(Path index, IndexingReport report, SamplePictures pictures) {
    Path file = index.resolve(FILE);
    try {
      Files.writeString(file, new HtmlReport(report, pictures).page());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private String page() {
    html.append(HtmlStyle.HEAD);
    html.append("<h1>Indexing report</h1><p>")
        .append(text(report.source()))
        .append(" &rarr; ")
        .append(text(report.index()))
        .append("<br>")
        .append(text(report.bundle()))
        .append(", ")
        .append(text(report.started().toString()))
        .append("</p>");
    numbers();
    failures();
    CorpusProfile profile = report.profile();
    html.append("<div class=columns>");
    profile.distributions().forEach(this::distribution);
    html.append("</div>");
    throughput(profile.pace());
    pairs(profile);
    samples(profile.samples());
    return html.append("</main></html>\n").toString();
  }

  private void numbers() {
    html.append("<div class=numbers>");
    number("images in the index", report.images());
    number("added", report.changes().added());
    number("changed", report.changes().changed());
    number("unchanged", report.changes().unchanged());
    number("removed", report.changes().removed());
    number("not indexed", report.failed());
    number("near-duplicates", report.profile().nearDuplicates());
    number("of these left out", report.profile().dropped());
    if (report.resumed() > 0) {
      number("taken over from a run broken off", report.resumed());
    }
    html.append("<div><b>")
        .append(String.format(Locale.ROOT, "%.1f", report.imagesPerSecond()))
        .append("</b>images/s, ")
        .append(String.format(Locale.ROOT, "%.1f s in all", report.seconds()))
        .append("</div></div>");
  }

  private void number(String name, long value) {
    html.append("<div><b>")
        .append(String.format(Locale.ROOT, "%,d", value))
        .append("</b>")
        .append(name)
        .append("</div>");
  }

  private void failures() {
    if (report.failed() == 0) {
      return;
    }
    html.append("<h2>Not indexed</h2><div class=columns>");
    distribution("reason", report.failuresByReason());
    html.append("</div><table><tr><th>image<th>reason<th>what happened</tr>");
    for (Failure failure : report.failures().stream().limit(SHOWN_FAILURES).toList()) {
      html.append("<tr><td>")
          .append(text(failure.path().isEmpty() ? failure.id() : failure.path()))
          .append("<td>")
          .append(text(failure.reason()))
          .append("<td>")
          .append(text(failure.message()))
          .append("</tr>");
    }
    html.append("</table>");
    if (report.failed() > SHOWN_FAILURES) {
      html.append("<p>All of them are in <code>indexing-failures.jsonl</code>.</p>");
    }
  }

  private void distribution(String name, SortedMap<String, Long> counts) {
    // Sizes have an order of their own.
    Comparator<Map.Entry<String, Long>> order =
        name.equals("size")
            ? Map.Entry.comparingByKey(Comparator.comparing(it -> it.startsWith("over") ? "~" : it))
            : Map.Entry.<String, Long>comparingByValue().reversed();
    List<Map.Entry<String, Long>> shown =
        counts.entrySet().stream().sorted(order).limit(BARS).toList();
    long most = counts.values().stream().mapToLong(it -> it).max().orElse(1);
    html.append("<section><h3>").append(text(title(name))).append("</h3><table class=bars>");
    for (Map.Entry<String, Long> bar : shown) {
      html.append("<tr><th>")
          .append(text(bar.getKey()))
          .append("<td><i style='width:")
          .append(Math.max(1, Math.round(100.0 * bar.getValue() / most)))
          .append("%'></i><td>")
          .append(String.format(Locale.ROOT, "%,d", bar.getValue()))
          .append("</tr>");
    }
    html.append("</table>");
    if (counts.size() > BARS) {
      html.append("<p>and ").append(counts.size() - BARS).append(" more</p>");
    }
    html.append("</section>");
  }

  private static String title(String name) {
    return switch (name) {
      case "size" -> "Longer side";
      case "colour" -> "Main colour, of the sample below";
      default -> name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    };
  }

  private void throughput(List<Mark> marks) {
    if (marks.size() < 2) {
      return;
    }
    html.append("<h2>Images a second over time</h2><div class=pace>");
    double[] rates = new double[marks.size()];
    Mark before = new Mark(0, 0);
    for (int i = 0; i < rates.length; i++) {
      Mark mark = marks.get(i);
      rates[i] = (mark.done() - before.done()) / Math.max(1e-3, mark.seconds() - before.seconds());
      before = mark;
    }
    double most = 1e-9;
    for (double rate : rates) {
      most = Math.max(most, rate);
    }
    for (int i = 0; i < rates.length; i++) {
      html.append(
          String.format(
              Locale.ROOT,
              "<i style='height:%d%%' title='%.1f s: %.1f images/s'></i>",
              Math.max(1, Math.round(100 * rates[i] / most)),
              marks.get(i).seconds(),
              rates[i]));
    }
    html.append(
        String.format(
            Locale.ROOT,
            "</div><p>0 to %.1f s; the highest bar is %.1f images/s</p>",
            marks.getLast().seconds(),
            most));
  }

  private void pairs(CorpusProfile profile) {
    if (profile.duplicates().isEmpty()) {
      return;
    }
    html.append("<h2>Near-duplicates</h2><div class=pictures>");
    for (NearDuplicate pair :
        profile.duplicates().stream().limit(SamplePictures.SHOWN_PAIRS).toList()) {
      html.append("<figure class=pair>");
      picture(pair.originalLocation(), pair.original());
      picture(pair.location(), pair.id());
      html.append("<figcaption>")
          .append(text(pair.id()))
          .append(" repeats ")
          .append(text(pair.original()))
          .append(String.format(Locale.ROOT, " (%d bits, cosine %.3f)", pair.bits(), pair.cosine()))
          .append("</figcaption></figure>");
    }
    html.append("</div>");
    if (profile.nearDuplicates() > SamplePictures.SHOWN_PAIRS) {
      html.append("<p>All of them are in <code>indexing-duplicates.jsonl</code>.</p>");
    }
  }

  private void samples(List<Sample> samples) {
    if (samples.isEmpty()) {
      return;
    }
    html.append("<h2>A sample of the images</h2><div class=pictures>");
    for (Sample sample : samples) {
      html.append("<figure>");
      picture(sample.location(), sample.caption());
      html.append("<figcaption title='")
          .append(text(sample.id()))
          .append("'>")
          .append(text(sample.caption()))
          .append("</figcaption></figure>");
    }
    html.append("</div>");
  }

  private void picture(String location, String alternative) {
    pictures
        .jpeg(location)
        .ifPresent(jpeg ->
            html.append("<img alt='")
                .append(text(alternative))
                .append("' src='data:image/jpeg;base64,")
                .append(Base64.getEncoder().encodeToString(jpeg))
                .append("'>"));
  }

  private static String text(String value) {
    String shown = value.length() > 300 ? value.substring(0, 300) + "…" : value;
    return shown
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
