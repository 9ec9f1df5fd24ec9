package gill.indexer.parts;

import gill.indexer.write.PartFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/// The folder of a job's parts, which every process of the job sees under the same path.
///
/// `rows-00000.bin` holds the rows of part 0; `part-00000` what became of them:
/// `embeddings.parquet`, `part.bin` and, if it was asked for, the Lucene index `index`. A part is
/// written under another name, forced to the disk and renamed: where there is a `part-…`, it is
/// whole. Two processes that deal with the same part do not disturb each other; the first wins.
public record PartsFolder(Path folder) {
  private static final String TEMPORARY = ".part-";
  private static final int ATTEMPTS = 3;

  public PartsFolder {
    folder = folder.toAbsolutePath().normalize();
  }

  private static String number(int part) {
    return String.format(Locale.ROOT, "%05d", part);
  }

  Path rows(int part) {
    return folder.resolve("rows-" + number(part) + ".bin");
  }

  Path part(int part) {
    return folder.resolve("part-" + number(part));
  }

  /// The embedding Parquet of a part that is done.
  public Path parquet(int part) {
    return part(part).resolve("embeddings.parquet");
  }

  /// The Lucene index of a part that is done, if shards were asked for.
  public Path shard(int part) {
    return shard(part(part));
  }

  static Path parquet(Path part) {
    return part.resolve("embeddings.parquet");
  }

  static Path shard(Path part) {
    return part.resolve("index");
  }

  private static Path file(Path part) {
    return part.resolve("part.bin");
  }

  /// Every part's embedding Parquet, in the order of the source.
  public List<Path> parquets() {
    try (Stream<Path> parts = Files.list(folder)) {
      return parts
          .filter(path -> path.getFileName().toString().matches("part-[0-9]+"))
          .sorted()
          .map(PartsFolder::parquet)
          .toList();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /// What became of a part, if it is done.
  Optional<PartFile> done(int part) {
    try {
      return Optional.of(PartFile.read(file(part(part))));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /// A new folder to write a part into.
  Path begin(int part) throws IOException {
    return Files.createDirectory(
        folder.resolve(TEMPORARY + number(part) + "-" + UUID.randomUUID()));
  }

  /// Makes `written` the part, unless the same work was done by another process meanwhile.
  void commit(int part, Path written, PartFile outcome) throws IOException {
    outcome.write(file(written));
    force(file(written));
    force(parquet(written));
    force(written);
    for (int attempt = 1; ; attempt++) {
      try {
        Files.move(written, part(part), StandardCopyOption.ATOMIC_MOVE);
        force(folder);
        return;
      } catch (FileSystemException e) {
        Optional<PartFile> other = done(part);
        if (other.isEmpty() || attempt == ATTEMPTS) {
          throw e;
        }
        if (other.get().stamp() == outcome.stamp()) {
          delete(written);
          return;
        }
        // It was made of other rows.
        drop(part(part));
      }
    }
  }

  /// Takes a folder out of sight at once, then deletes it.
  void drop(Path part) throws IOException {
    if (Files.exists(part)) {
      Path aside = folder.resolve(TEMPORARY + UUID.randomUUID());
      Files.move(part, aside, StandardCopyOption.ATOMIC_MOVE);
      delete(aside);
    }
  }

  /// Deletes what processes that were broken off left.
  void sweep() throws IOException {
    try (Stream<Path> paths = Files.list(folder)) {
      for (Path path :
          paths.filter(each -> each.getFileName().toString().startsWith(TEMPORARY)).toList()) {
        delete(path);
      }
    }
  }

  private static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// Deletes a folder with all it holds. What another process deletes meanwhile is no fault.
  static void delete(Path path) throws IOException {
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path directory, @org.jspecify.annotations.Nullable IOException e) throws IOException {
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  UncheckedIOException failed(IOException e) {
    return new UncheckedIOException(
        "cannot use the folder of parts " + folder + ": " + e.getMessage(), e);
  }
}
