package gill.indexer.read;

import gill.engine.flow.ImageRecord;
import gill.engine.retrieval.IndexContents;
import gill.engine.retrieval.IndexHeader;
import gill.engine.retrieval.LuceneBackend;
import gill.indexer.flow.CorpusEntry;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.DerivedKeys;
import java.nio.file.Path;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// The images of an index as a corpus: for another bundle's index of the same pictures, without the
/// source they once came from. Each file must still be what it was: the SHA-256 is checked.
public final class IndexedCorpus implements CorpusSource {
  private final Path index;
  private final IndexHeader header;

  /// Throws [gill.engine.fault.IndexException] if there is no index.
  public IndexedCorpus(Path index) {
    this.index = index;
    this.header = LuceneBackend.readHeader(index);
  }

  @Override
  public Path path() {
    return index;
  }

  @Override
  public Path root() {
    return header.imageRoot();
  }

  @Override
  public long count() {
    try (IndexContents contents = IndexContents.open(index)) {
      return contents.size();
    }
  }

  @Override
  public Stream<CorpusRow> rows() {
    IndexContents contents = IndexContents.open(index);
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(
                contents, Spliterator.ORDERED | Spliterator.NONNULL),
            false)
        .map(row -> row(DerivedKeys.without(row.image())))
        .onClose(contents::close);
  }

  private static CorpusRow row(ImageRecord image) {
    return new CorpusRow.Described(
        image.id().value(),
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
            image.metadata()));
  }
}
