package gill.indexer.read;

import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.Failure;
import gill.indexer.flow.PictureSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
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

  private final Path path;
  private final List<Path> shards;
  private final KeptPictures kept;
  private final ManifestRow rows;

  /// @param pictures the folder that pictures are unpacked into; made if it is missing
  public TarShards(Path path, List<Path> shards, Path pictures) {
    this(path, shards, new KeptPictures(pictures, false));
  }

  TarShards(Path path, List<Path> shards, KeptPictures kept) {
    this.path = path;
    this.shards = List.copyOf(shards);
    this.kept = kept;
    this.rows = new ManifestRow(path, kept.root(), ManifestRow.Pictures.FILES);
  }

  @Override
  public PictureSource pictures() {
    return kept;
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Path root() {
    return kept.root();
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
    Path root = kept.root();
    Path file = root.resolve(place).normalize();
    if (!file.startsWith(root.resolve(folder)) || place.length() > 512) {
      return new CorpusRow.Broken(
          new Failure(place, place, Failure.OUTSIDE_ROOT, "the archive names a file elsewhere"));
    }
    try {
      kept.keep(root.relativize(file).toString(), sample.picture(), sample.seconds());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack " + place + " into " + root, e);
    }
    return described(folder, place, sample);
  }

  private CorpusRow described(String folder, String place, TarSamples.Sample sample) {
    ObjectNode object;
    try {
      object = Sidecars.keys(sample.json());
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

  /// The archives of a folder, by name.
  static List<Path> shards(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".tar")).sorted().toList();
    } catch (IOException e) {
      throw new CorpusException("cannot read the folder " + folder + ": " + e, e);
    }
  }
}
