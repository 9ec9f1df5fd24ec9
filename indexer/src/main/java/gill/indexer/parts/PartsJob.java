package gill.indexer.parts;

import gill.engine.fault.IndexException;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import gill.indexer.read.CorpusSource;
import gill.indexer.write.RowFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Gatherers;
import java.util.stream.Stream;

/// A job's folder of parts, in the hand of the process that leads the job: while this is open, no
/// other process leads one there.
///
/// A job that was broken off goes on with the parts that are done if it is the same job: the same
/// source, bundle and options. Whether the rows of a part are still what they were is found where
/// the part is dealt with ([PartWork]).
public final class PartsJob implements AutoCloseable {
  private static final Pattern OWN_FILES =
      Pattern.compile("job\\.txt|lock|rows-[0-9]+\\.bin|part-[0-9]+|\\.part-.*");

  private final PartPlan plan;
  private final CorpusSource source;
  private final FileChannel lock;
  private final int parts;
  private final long total;

  private PartsJob(PartPlan plan, CorpusSource source, FileChannel lock, int parts, long total) {
    this.plan = plan;
    this.source = source;
    this.lock = lock;
    this.parts = parts;
    this.total = total;
  }

  /// Makes the folder ready and cuts the source into parts. Throws [CorpusException] if there is
  /// nothing to index, [IndexException] if the folder is not one of parts or another job leads it.
  ///
  /// @param plan as asked for; a job that goes on keeps the size of its parts
  /// @param fingerprint of the bundle
  public static PartsJob open(PartPlan plan, String fingerprint) {
    CorpusSource source = plan.open();
    PartsFolder folder = plan.folder();
    try {
      refuseForeign(folder.folder());
      Files.createDirectories(folder.folder());
      FileChannel lock = lock(folder.folder());
      try {
        PartPlan agreed = agree(plan, fingerprint);
        folder.sweep();
        long total = cut(agreed, source);
        if (total == 0) {
          throw new CorpusException("there are no images in " + source.path());
        }
        int parts = Math.toIntExact((total + agreed.partRows() - 1) / agreed.partRows());
        drop(folder, parts);
        return new PartsJob(agreed, source, lock, parts, total);
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw folder.failed(e);
    }
  }

  /// Forgets what a job that was broken off has done.
  public static void forget(PartPlan plan) {
    PartsFolder folder = plan.folder();
    try {
      refuseForeign(folder.folder());
      if (Files.isDirectory(folder.folder())) {
        try (FileChannel _ = lock(folder.folder())) {
          drop(folder, 0);
        }
      }
    } catch (IOException e) {
      throw folder.failed(e);
    }
  }

  private static void refuseForeign(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        if (!OWN_FILES.matcher(file.getFileName().toString()).matches()) {
          throw new IndexException(
              folder
                  + " is not a folder of parts (it holds '"
                  + file.getFileName()
                  + "'): name an empty or new folder");
        }
      }
    }
  }

  @SuppressWarnings("resource") // The lock is held as long as its channel is open.
  private static FileChannel lock(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return channel;
      }
    } catch (OverlappingFileLockException _) {
      // Another job of this process.
    }
    channel.close();
    throw new IndexException(
        "another indexing job is at work in " + folder + ": wait for it to end, or end it");
  }

  /// Takes over the job that the folder is of, or makes it this one's.
  private static PartPlan agree(PartPlan plan, String fingerprint) throws IOException {
    PartsFolder folder = plan.folder();
    Path file = folder.folder().resolve("job.txt");
    List<String> job = List.of("1", plan.source(), fingerprint, plan.batch() + " " + plan.shards());
    try {
      List<String> there = Files.readAllLines(file);
      if (there.size() == job.size() + 1 && there.subList(0, job.size()).equals(job)) {
        return plan.withPartRows(Integer.parseInt(there.getLast()));
      }
    } catch (NoSuchFileException | NumberFormatException _) {
      // A new folder, or a damaged file: begin anew.
    }
    drop(folder, 0);
    Files.write(file, Stream.concat(job.stream(), Stream.of("" + plan.partRows())).toList());
    return plan;
  }

  /// Writes each part's rows and returns how many there are in all.
  private static long cut(PartPlan plan, CorpusSource source) throws IOException {
    long total = 0;
    try (Stream<CorpusRow> rows = source.rows()) {
      Iterator<List<CorpusRow>> parts =
          rows.gather(Gatherers.windowFixed(plan.partRows())).iterator();
      for (int part = 0; parts.hasNext(); part++) {
        List<CorpusRow> next = parts.next();
        RowFile.write(plan.folder().rows(part), next);
        total += next.size();
      }
    }
    return total;
  }

  /// Deletes the parts from this one on.
  private static void drop(PartsFolder folder, int from) throws IOException {
    try (Stream<Path> files = Files.list(folder.folder())) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        String number = name.replaceAll("\\D", "");
        boolean rows = name.startsWith("rows-");
        if ((rows || name.startsWith("part-")) && Integer.parseInt(number) >= from) {
          if (rows) {
            Files.delete(file);
          } else {
            folder.drop(file);
          }
        }
      }
    }
  }

  public PartPlan plan() {
    return plan;
  }

  public int parts() {
    return parts;
  }

  /// Number of rows of the source.
  public long total() {
    return total;
  }

  /// The rows with what became of them. All parts must be done.
  public CorpusSource embedded() {
    return new PartsSource(source, plan.folder(), parts, total);
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw plan.folder().failed(e);
    }
  }
}
