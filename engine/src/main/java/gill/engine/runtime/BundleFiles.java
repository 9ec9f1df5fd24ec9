package gill.engine.runtime;

import gill.engine.runtime.BundleManifest.FileEntry;
import gill.engine.runtime.BundleManifest.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Compares a bundle's files with what the manifest lists.
///
/// Every file is hashed, but for large ones whose size and modification time are those of the last
/// successful check: `.verified` in the bundle remembers them, one line `<sha256> <bytes>
/// <modified, microseconds> <path>` each.
final class BundleFiles {
  private static final Logger LOG = LoggerFactory.getLogger(BundleFiles.class);
  private static final long LARGE = 64L << 20;
  private static final String STAMPS = ".verified";

  private final Path folder;
  private final List<FileEntry> entries;

  BundleFiles(Path folder, List<FileEntry> entries) {
    this.folder = folder;
    this.entries = entries;
  }

  /// All faults: missing files, wrong sizes, wrong SHA-256.
  ///
  /// @param everything hash large files too, whatever is remembered
  List<String> faults(boolean everything) {
    Map<String, String> remembered = everything ? Map.of() : stamps();
    Map<String, String> good = new LinkedHashMap<>();
    List<String> faults = new ArrayList<>();
    for (FileEntry entry : entries) {
      try {
        check(entry, remembered, good, faults);
      } catch (IOException e) {
        faults.add(entry.path() + " cannot be read: " + e);
      }
    }
    if (!good.equals(remembered)) {
      remember(good);
    }
    return faults;
  }

  private void check(
      FileEntry entry,
      Map<String, String> remembered,
      Map<String, String> good,
      List<String> faults)
      throws IOException {
    Path file = folder.resolve(entry.path());
    if (!Files.isRegularFile(file)) {
      faults.add(
          entry.origin() == Origin.IMPORTED
              ? entry.path() + " is missing: it is made on this machine, run `./gill models fetch`"
              : entry.path() + " is missing");
      return;
    }
    long bytes = Files.size(file);
    if (bytes != entry.bytes()) {
      faults.add(
          entry.path() + " must have " + entry.bytes() + " bytes, has " + bytes + redo(entry));
      return;
    }
    boolean large = bytes >= LARGE;
    String stamp = stamp(entry, file);
    if (large && stamp.equals(remembered.get(entry.path()))) {
      good.put(entry.path(), stamp);
      return;
    }
    String sha256 = Sha256.of(file);
    if (!sha256.equals(entry.sha256())) {
      faults.add(
          entry.path() + " must have SHA-256 " + entry.sha256() + ", has " + sha256 + redo(entry));
    } else if (large) {
      good.put(entry.path(), stamp);
    }
  }

  private static String redo(FileEntry entry) {
    return entry.origin() == Origin.IMPORTED ? ": run `./gill models fetch`" : "";
  }

  private static String stamp(FileEntry entry, Path file) throws IOException {
    long modified = Files.getLastModifiedTime(file).to(TimeUnit.MICROSECONDS);
    return entry.sha256() + " " + entry.bytes() + " " + modified + " " + entry.path();
  }

  /// The remembered lines by path; none if there is no readable memory.
  private Map<String, String> stamps() {
    Map<String, String> stamps = new LinkedHashMap<>();
    try {
      Path file = folder.resolve(STAMPS);
      if (Files.isRegularFile(file)) {
        for (String line : Files.readAllLines(file)) {
          stamps.put(line.substring(line.lastIndexOf(' ') + 1), line);
        }
      }
    } catch (IOException e) {
      LOG.warn("checks all files of {}: cannot read {}: {}", folder, STAMPS, e.toString());
    }
    return stamps;
  }

  /// A bundle on a read-only disk is checked in full each time.
  private void remember(Map<String, String> good) {
    try {
      Files.write(folder.resolve(STAMPS), good.values());
    } catch (IOException e) {
      LOG.debug("cannot remember the checked files of {}: {}", folder, e.toString());
    }
  }
}
