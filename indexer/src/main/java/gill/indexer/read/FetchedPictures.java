package gill.indexer.read;

import gill.indexer.fetch.Fetched;
import gill.indexer.fetch.PictureFetcher;
import gill.indexer.flow.CorpusEntry;
import gill.indexer.flow.Failure;
import gill.indexer.flow.PictureBytes;
import gill.indexer.flow.PictureSource;
import java.io.IOException;
import java.net.URI;

/// Pictures that are fetched from the `url` of their metadata, once: what lies in its file already
/// is not fetched again.
final class FetchedPictures implements PictureSource {
  private final KeptPictures kept;
  private final PictureFetcher fetcher;

  FetchedPictures(KeptPictures kept, PictureFetcher fetcher) {
    this.kept = kept;
    this.fetcher = fetcher;
  }

  @Override
  public PictureBytes read(CorpusEntry entry, long maxBytes) {
    if (kept.has(entry.location())) {
      return kept.read(entry, maxBytes);
    }
    URI url = URI.create(entry.metadata().getOrDefault("url", ""));
    return switch (fetcher.fetch(url, maxBytes)) {
      case Fetched.Refused(String reason, String message) ->
          new PictureBytes.Missing(
              new Failure(entry.id().value(), url.toString(), reason, message));
      case Fetched.Whole(byte[] bytes) -> {
        try {
          kept.keep(entry.location(), bytes, 0);
          yield kept.read(entry, maxBytes);
        } catch (IOException e) {
          yield new PictureBytes.Missing(
              new Failure(
                  entry.id().value(),
                  url.toString(),
                  Failure.UNREADABLE_FILE,
                  "cannot be kept in " + kept.root() + ": " + e.getMessage()));
        }
      }
    };
  }

  @Override
  public void close() {
    fetcher.close();
  }
}
