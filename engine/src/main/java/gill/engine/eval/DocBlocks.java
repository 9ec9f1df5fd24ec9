package gill.engine.eval;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// The generated parts of a page that people write: what stands between `<!-- eval:NAME -->` and
/// `<!-- /eval:NAME -->` is replaced, the rest is left alone.
public final class DocBlocks {
  private final Report report;

  public DocBlocks(Report report) {
    this.report = report;
  }

  /// Replaces the blocks of the report's suites, `aims` and `run`; throws
  /// [IllegalArgumentException] if the page lacks one of them.
  public void write(Path page) {
    try {
      Files.writeString(page, applied(Files.readString(page), page.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the tables into " + page, e);
    }
  }

  String applied(String page, String where) {
    Map<String, String> blocks = new LinkedHashMap<>();
    blocks.put("run", report.header());
    blocks.put("aims", report.aims());
    report.results().forEach(result -> blocks.put(result.suite(), report.block(result)));
    String text = page;
    for (Map.Entry<String, String> block : blocks.entrySet()) {
      String begin = "<!-- eval:" + block.getKey() + " -->";
      String end = "<!-- /eval:" + block.getKey() + " -->";
      int from = text.indexOf(begin);
      int to = text.indexOf(end);
      if (from < 0 || to < from) {
        throw new IllegalArgumentException(
            where + " has no place for the tables: it needs " + begin + " and, below, " + end);
      }
      text =
          text.substring(0, from + begin.length())
              + "\n"
              + block.getValue().strip()
              + "\n"
              + text.substring(to);
    }
    return text;
  }
}
