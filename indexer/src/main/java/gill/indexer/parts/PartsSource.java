package gill.indexer.parts;

import gill.engine.flow.ImageRecord;
import gill.engine.flow.PictureHash;
import gill.indexer.flow.CorpusEntry;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.Embedding;
import gill.indexer.flow.PictureSource;
import gill.indexer.read.CorpusSource;
import gill.indexer.write.EmbeddingReader.EmbeddedRow;
import java.nio.file.Path;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// A source whose rows were embedded in parts: the rows in the source's order, each with its
/// vectors or its failure.
public final class PartsSource implements CorpusSource {
  private final CorpusSource origin;
  private final PartsFolder folder;
  private final int parts;
  private final long total;

  /// @param parts number of parts, all done
  /// @param total number of their rows
  public PartsSource(CorpusSource origin, PartsFolder folder, int parts, long total) {
    this.origin = origin;
    this.folder = folder;
    this.parts = parts;
    this.total = total;
  }

  @Override
  public Path path() {
    return origin.path();
  }

  @Override
  public Path root() {
    return origin.root();
  }

  @Override
  public PictureSource pictures() {
    return origin.pictures();
  }

  @Override
  public long count() {
    return total;
  }

  @Override
  public Stream<CorpusRow> rows() {
    PartRows rows = new PartRows(folder, parts);
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(rows, Spliterator.ORDERED | Spliterator.NONNULL),
            false)
        .onClose(rows::close);
  }

  static CorpusRow row(EmbeddedRow row) {
    ImageRecord image = row.image().image();
    return new CorpusRow.Embedded(
        "row " + (row.number() + 1),
        new CorpusEntry(
            image.id(),
            image.location(),
            image.caption(),
            image.keywords(),
            image.names(),
            image.source(),
            image.author(),
            image.licence(),
            image.style(),
            image.group(),
            image.colours(),
            image.sha256(),
            image.metadata()),
        image.width(),
        image.height(),
        PictureHash.parse(image.metadata().getOrDefault(PictureHash.KEY, "")),
        new Embedding(row.image().clip(), row.image().gill()));
  }
}
