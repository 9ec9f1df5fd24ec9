package gill.indexer.read;

import gill.indexer.fetch.FetchRules;
import gill.indexer.fetch.PictureFetcher;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.PictureSource;
import java.nio.file.Path;
import java.util.stream.Stream;

/// A list of addresses of pictures: a manifest that has `url` instead of `file`, or a text file
/// with an address a line. The pictures are fetched while they are indexed, into a folder of their
/// own, and stay there.
public final class UrlList implements CorpusSource {
  private final CorpusSource list;
  private final FetchRules rules;
  private final KeptPictures kept;

  /// @param list whose rows name pictures by their `url` and lie under the folder of `kept`
  UrlList(CorpusSource list, FetchRules rules, KeptPictures kept) {
    this.list = list;
    this.rules = rules;
    this.kept = kept;
  }

  @Override
  public Path path() {
    return list.path();
  }

  @Override
  public Path root() {
    return kept.root();
  }

  @Override
  public long count() {
    return list.count();
  }

  @Override
  public Stream<CorpusRow> rows() {
    return list.rows();
  }

  @Override
  public PictureSource pictures() {
    return new FetchedPictures(kept, new PictureFetcher(rules));
  }
}
