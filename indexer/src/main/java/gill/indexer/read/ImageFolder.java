package gill.indexer.read;

import gill.engine.flow.ImageId;
import gill.indexer.flow.CorpusEntry;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// A folder of images, read with its sub-folders; hidden ones are left out, links are followed.
///
/// An image's id is its path in the folder. Its caption is the text file of the same name beside it
/// (`cat.jpg`, `cat.txt`), else the words of its name; the folders it lies in are its keywords.
public final class ImageFolder implements CorpusSource {
  /// Image files by extension. Those that are not read are listed too: they fail with a reason
  /// instead of being passed over.
  private static final Set<String> EXTENSIONS =
      Set.of(
          "jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "webp", "tif", "tiff", "avif", "heic",
          "heif", "jxl", "jp2", "svg", "ico", "psd");

  private static final int MAX_CAPTION = 2000;

  private final Path path;
  private final Path root;

  public ImageFolder(Path path) {
    this.path = path;
    this.root = path.toAbsolutePath().normalize();
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Path root() {
    return root;
  }

  @Override
  public long count() {
    return list().size();
  }

  @Override
  public Stream<CorpusRow> rows() {
    return list().stream().map(this::row);
  }

  /// A file found, or a folder that could not be opened.
  private record Found(Path file, String fault) {}

  private List<Found> list() {
    List<Found> found = new ArrayList<>();
    try {
      Files.walkFileTree(
          root,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              return !folder.equals(root) && isHidden(folder)
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (!isHidden(file) && isImage(file.getFileName().toString())) {
                found.add(new Found(file, ""));
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
              if (file.equals(root)) {
                throw e;
              }
              if (!isHidden(file)) {
                found.add(new Found(file, "cannot be opened: " + e));
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new CorpusException("cannot read the folder " + path + ": " + e, e);
    }
    found.sort(Comparator.comparing(entry -> location(entry.file())));
    return found;
  }

  private static boolean isHidden(Path file) {
    return file.getFileName().toString().startsWith(".");
  }

  static boolean isImage(String name) {
    int dot = name.lastIndexOf('.');
    return dot > 0 && EXTENSIONS.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT));
  }

  private String location(Path file) {
    return root.relativize(file).toString().replace('\\', '/');
  }

  private CorpusRow row(Found found) {
    Path file = found.file();
    String location = location(file);
    if (!found.fault().isEmpty()) {
      return broken(location, Failure.UNREADABLE_FILE, found.fault());
    }
    if (location.length() > 512) {
      return broken(
          location, Failure.BAD_ID, "the path is the id and has more than 512 characters");
    }
    List<String> keywords = new ArrayList<>();
    Path folder = root.relativize(file).getParent();
    if (folder != null) {
      folder.forEach(part -> keywords.add(Captions.words(part.toString())));
    }
    return new CorpusRow.Described(
        location,
        new CorpusEntry(
            new ImageId(location),
            location,
            caption(file),
            keywords,
            Map.of(),
            root.getFileName() == null ? "" : root.getFileName().toString(),
            "",
            "",
            "",
            folder == null ? "" : folder.toString().replace('\\', '/'),
            List.of(),
            "",
            Map.of()));
  }

  private static CorpusRow broken(String location, String reason, String message) {
    return new CorpusRow.Broken(new Failure(location, location, reason, message));
  }

  private static String caption(Path file) {
    String stem = Captions.stem(file.getFileName().toString());
    Path text = file.resolveSibling(stem + ".txt");
    if (Files.isRegularFile(text)) {
      try (var in = Files.newInputStream(text)) {
        byte[] bytes = in.readNBytes(4 * MAX_CAPTION);
        String caption =
            new String(bytes, StandardCharsets.UTF_8)
                .replace("\uFEFF", "")
                .strip()
                .replaceAll("\\s+", " ");
        if (!caption.isEmpty()) {
          return caption.substring(0, Math.min(caption.length(), MAX_CAPTION));
        }
      } catch (IOException _) {
        // The name serves as well as it does without a text file.
        return Captions.words(stem);
      }
    }
    return Captions.words(stem);
  }
}
