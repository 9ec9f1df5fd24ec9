package gill.indexer.read;

import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.Failure;
import java.io.IOException;
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
import java.util.Set;
import java.util.stream.Gatherers;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A folder of images, read with its sub-folders; hidden ones are left out, links are followed.
///
/// An image's id is its path in the folder. Its caption is the text file of the same name beside it
/// (`cat.jpg`, `cat.txt`), else `caption` in the JSON file of that name, else the title in the file
/// itself (IPTC, XMP, EXIF), else the words of its name. Further keys of the JSON file are a
/// manifest's; without them the folders an image lies in are its keywords.
public final class ImageFolder implements CorpusSource {
  /// Image files by extension. Those that are not read are listed too: they fail with a reason
  /// instead of being passed over.
  private static final Set<String> EXTENSIONS =
      Set.of(
          "jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "webp", "tif", "tiff", "avif", "heic",
          "heif", "jxl", "jp2", "svg", "ico", "psd");

  /// Sidecar files and titles are read by so many threads ahead of the job's.
  private static final int READERS = 8;

  private final Path path;
  private final Path root;
  private final ManifestRow rows;

  public ImageFolder(Path path) {
    this.path = path;
    this.root = path.toAbsolutePath().normalize();
    this.rows = new ManifestRow(path, root, ManifestRow.Pictures.FILES);
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
    return list().stream().gather(Gatherers.mapConcurrent(READERS, this::row));
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
    ObjectNode object;
    try {
      object = Sidecars.beside(file);
    } catch (JacksonException e) {
      return rows.bad(location, "its .json is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      return rows.bad(location, "its .json cannot be read: " + e.getMessage());
    }
    ManifestRow.FILE.forEach(object::remove);
    object.put("id", location).put("file", location);
    describe(object, file);
    return rows.row(location, object);
  }

  /// What the sidecars do not say: the caption from the file itself or its name, keywords and group
  /// from the folders.
  private void describe(ObjectNode object, Path file) {
    if (!object.path("caption").isString() && !object.path("text").isString()) {
      String title = EmbeddedTitle.of(file);
      String name = String.valueOf(file.getFileName());
      object.put("caption", title.isEmpty() ? Captions.words(Captions.stem(name)) : title);
    }
    Path folder = root.relativize(file).getParent();
    if (!object.has("keywords")) {
      ArrayNode keywords = object.putArray("keywords");
      if (folder != null) {
        folder.forEach(part -> keywords.add(Captions.words(part.toString())));
      }
    }
    if (!object.has("group") && folder != null) {
      object.put("group", folder.toString().replace('\\', '/'));
    }
    if (!object.has("source") && root.getFileName() != null) {
      object.put("source", root.getFileName().toString());
    }
  }

  private static CorpusRow broken(String location, String reason, String message) {
    return new CorpusRow.Broken(new Failure(location, location, reason, message));
  }
}
