package gill.indexer.read;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// The samples of one WebDataset archive: neighbouring files of one key, of which one is a picture.
/// Damage ends the archive with a sample that says so.
final class TarSamples implements Iterator<TarSamples.Sample>, AutoCloseable {
  private static final byte[] NONE = new byte[0];

  /// @param name the picture's name in the archive
  /// @param text content of the `.txt` or `.caption` file; empty without one
  /// @param json content of the `.json` file; empty without one
  /// @param seconds the picture's time of change, since 1970
  /// @param fault why there is no picture; empty if there is one
  @SuppressWarnings("ArrayRecordComponent") // Never compared; passed from reader to writer once.
  record Sample(
      String name, byte[] picture, byte[] text, byte[] json, long seconds, String fault) {}

  private final int limit;
  private final Path shard;
  private @Nullable TarFile tar;
  private TarFile.@Nullable Entry ahead;
  private @Nullable Sample next;

  TarSamples(Path shard, int limit) {
    this.shard = shard;
    this.limit = limit;
    try {
      tar = new TarFile(shard);
      ahead = entry(tar);
    } catch (IOException e) {
      next = damaged(e);
    }
    if (next == null) {
      next = read();
    }
  }

  Stream<Sample> stream() {
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED), false);
  }

  private static TarFile.@Nullable Entry entry(TarFile tar) throws IOException {
    TarFile.Entry[] entry = new TarFile.Entry[1];
    return tar.next(entry) ? entry[0] : null;
  }

  private Sample damaged(IOException e) {
    ahead = null;
    return new Sample(
        "(end)",
        NONE,
        NONE,
        NONE,
        0,
        "the rest of " + shard + " cannot be read: " + e.getMessage());
  }

  private @Nullable Sample read() {
    Sample sample = new Sample("", NONE, NONE, NONE, 0, "");
    try {
      while (tar != null && ahead != null) {
        TarFile.Entry entry = ahead;
        String key = key(entry.name());
        sample = with(sample, entry, tar);
        ahead = entry(tar);
        boolean last = ahead == null || !key(ahead.name()).equals(key);
        if (last && !sample.name().isEmpty()) {
          return sample;
        }
        if (last) {
          sample = new Sample("", NONE, NONE, NONE, 0, "");
        }
      }
      return null;
    } catch (IOException e) {
      return damaged(e);
    }
  }

  private Sample with(Sample s, TarFile.Entry entry, TarFile archive) throws IOException {
    String name = entry.name().startsWith("./") ? entry.name().substring(2) : entry.name();
    if (ImageFolder.isImage(name)) {
      if (entry.size() > limit) {
        return new Sample(
            name,
            NONE,
            s.text(),
            s.json(),
            0,
            "it has " + entry.size() + " bytes, more than are read");
      }
      return new Sample(name, archive.content(limit), s.text(), s.json(), entry.seconds(), "");
    }
    return switch (name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT)) {
      case "txt", "caption" ->
          new Sample(
              s.name(), s.picture(), archive.content(limit), s.json(), s.seconds(), s.fault());
      case "json" ->
          new Sample(
              s.name(), s.picture(), s.text(), archive.content(limit), s.seconds(), s.fault());
      default -> s;
    };
  }

  /// The name up to the first dot of its last part.
  private static String key(String name) {
    int dot = name.indexOf('.', name.lastIndexOf('/') + 1);
    return dot < 0 ? name : name.substring(0, dot);
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public Sample next() {
    Sample sample = next;
    if (sample == null) {
      throw new NoSuchElementException("no further sample in " + shard);
    }
    next = read();
    return sample;
  }

  @Override
  public void close() {
    if (tar != null) {
      try {
        tar.close();
      } catch (IOException e) {
        throw new UncheckedIOException("closing " + shard, e);
      }
    }
  }
}
