package gill.engine.eval;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;

/// The generated parts of pages that people write: what stands between `<!-- eval:NAME -->` and
/// `<!-- /eval:NAME -->` is replaced, the rest is left alone. Pictures go into the folder `images`
/// beside the page, transcripts into the page `evaluation-transcripts.md`, if there is one.
public final class DocBlocks {
  private static final String TRANSCRIPTS = "evaluation-transcripts.md";

  private final Report report;
  private final Path results;

  /// @param results the folder that the suites wrote their pictures to
  public DocBlocks(Report report, Path results) {
    this.report = report;
    this.results = results;
  }

  /// Replaces the blocks of the report's suites, which the page must have, and `run` and `aims`,
  /// where it has them. Throws [IllegalArgumentException] if a suite has no place.
  public void write(Path page) {
    try {
      Path folder = page.toAbsolutePath().resolveSibling("");
      replace(page, applied(Files.readString(page), page.toString()));
      for (SuiteResult result : report.results()) {
        for (String picture : result.pictures()) {
          copy(picture, folder);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the tables into " + page, e);
    }
  }

  private void copy(String picture, Path folder) throws IOException {
    Path from = results.resolve(picture);
    if (!picture.endsWith(".md")) {
      Path to = folder.resolve(inDocs(picture));
      Files.createDirectories(to.getParent());
      Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    } else if (Files.exists(folder.resolve(TRANSCRIPTS))) {
      Path page = folder.resolve(TRANSCRIPTS);
      String name = picture.substring(0, picture.length() - ".md".length());
      replace(
          page, replaced(Files.readString(page), name, Files.readString(from), page.toString()));
    }
  }

  private static void replace(Path page, String text) throws IOException {
    Path next = page.resolveSibling(page.getFileName() + ".new");
    Files.writeString(next, text);
    Files.move(next, page, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String inDocs(String picture) {
    return "images/evaluation-" + picture;
  }

  String applied(String page, String where) {
    Map<String, String> blocks = new LinkedHashMap<>();
    if (page.contains(begin("run"))) {
      blocks.put("run", report.header());
    }
    if (page.contains(begin("aims"))) {
      blocks.put("aims", report.aims());
    }
    for (SuiteResult result : report.results()) {
      String block = report.block(result);
      for (String picture : result.pictures()) {
        block = block.replace("](" + picture + ")", "](" + inDocs(picture) + ")");
      }
      blocks.put(result.suite(), block);
    }
    String text = page;
    for (Map.Entry<String, String> block : blocks.entrySet()) {
      text = replaced(text, block.getKey(), block.getValue(), where);
    }
    return text;
  }

  private static String begin(String name) {
    return "<!-- eval:" + name + " -->";
  }

  private static String replaced(String text, String name, String block, String where) {
    String begin = begin(name);
    String end = "<!-- /eval:" + name + " -->";
    int from = text.indexOf(begin);
    int to = text.indexOf(end);
    if (from < 0 || to < from) {
      throw new IllegalArgumentException(
          where + " has no place for the tables: it needs " + begin + " and, below, " + end);
    }
    return text.substring(0, from + begin.length())
        + "\n"
        + block.strip()
        + "\n"
        + text.substring(to);
  }
}
