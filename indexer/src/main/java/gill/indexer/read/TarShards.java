package gill.indexer.read;

import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// WebDataset archives, such as img2dataset writes: files of one key (`000000001.jpg`, `.txt`,
/// `.json`) stand together and are one sample, of which the text is the caption and the JSON object
/// holds further keys.
///
/// An answer shows a picture from its file, so the pictures are unpacked into a folder of their own
/// while they are read, and stay there: `SHARD/KEY.jpg`. A picture that lies there already with the
/// same size is not written again.
public final class TarShards implements CorpusSource {
  private static final int MAX_FILE = 64 << 20;

  /// Keys of img2dataset that tell of the picture before it was resized.
  private static final Set<String> OF_THE_ORIGINAL = Set.of("sha256", "width", "height");

  private static final JsonMapper JSON = new JsonMapper();

  private final Path path;
  private final List<Path> shards;
  private final Path root;
  private final ManifestRow rows;

  /// @param pictures the folder that pictures are unpacked into; made if it is missing
  public TarShards(Path path, List<Path> shards, Path pictures) {
    this.path = path;
    this.shards = List.copyOf(shards);
    this.root = pictures.toAbsolutePath().normalize();
    this.rows = new ManifestRow(path, root);
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
    return shards.stream().mapToLong(TarShards::count).sum();
  }

  private static long count(Path shard) {
    TarFile.Entry[] entry = new TarFile.Entry[1];
    long count = 0;
    try (TarFile tar = new TarFile(shard)) {
      while (tar.next(entry)) {
        count += ImageFolder.isImage(entry[0].name()) ? 1 : 0;
      }
    } catch (IOException _) {
      // The damage is a row in place of the sample it lies in.
      return Math.max(1, count);
    }
    return count;
  }

  @Override
  public Stream<CorpusRow> rows() {
    return shards.stream().flatMap(this::rows);
  }

  private Stream<CorpusRow> rows(Path shard) {
    TarSamples samples = new TarSamples(shard, MAX_FILE);
    return samples.stream().map(sample -> row(shard, sample)).onClose(samples::close);
  }

  private CorpusRow row(Path shard, TarSamples.Sample sample) {
    String folder = Captions.stem(String.valueOf(shard.getFileName()));
    String place = folder + "/" + sample.name();
    if (!sample.fault().isEmpty()) {
      return new CorpusRow.Broken(
          new Failure(place, place, Failure.UNREADABLE_FILE, sample.fault()));
    }
    Path file = root.resolve(place).normalize();
    if (!file.startsWith(root.resolve(folder)) || place.length() > 512) {
      return new CorpusRow.Broken(
          new Failure(place, place, Failure.OUTSIDE_ROOT, "the archive names a file elsewhere"));
    }
    try {
      unpack(sample, file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack " + place + " into " + root, e);
    }
    return described(folder, place, sample);
  }

  private CorpusRow described(String folder, String place, TarSamples.Sample sample) {
    ObjectNode object = JSON.createObjectNode();
    try {
      if (sample.json().length > 0 && JSON.readTree(sample.json()) instanceof ObjectNode keys) {
        for (var key : keys.properties()) {
          JsonNode value = key.getValue();
          String name =
              OF_THE_ORIGINAL.contains(key.getKey()) ? "original_" + key.getKey() : key.getKey();
          if (!value.isNull()) {
            object.set(name, value);
          }
        }
      }
    } catch (JacksonException e) {
      return rows.bad(place, "its .json is not JSON: " + e.getOriginalMessage());
    }
    String text = new String(sample.text(), StandardCharsets.UTF_8).strip();
    if (!text.isEmpty()) {
      object.put("caption", text);
    }
    if (!object.path("source").isString()) {
      object.put("source", folder);
    }
    return rows.row(place, object.put("id", place).put("file", place));
  }

  private static void unpack(TarSamples.Sample sample, Path file) throws IOException {
    if (Files.exists(file) && Files.size(file) == sample.picture().length) {
      return;
    }
    Files.createDirectories(file.resolveSibling(""));
    Files.write(file, sample.picture());
    Files.setLastModifiedTime(file, FileTime.fromMillis(1000 * sample.seconds()));
  }

  /// The archives of a folder, by name.
  static List<Path> shards(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".tar")).sorted().toList();
    } catch (IOException e) {
      throw new CorpusException("cannot read the folder " + folder + ": " + e, e);
    }
  }
}
