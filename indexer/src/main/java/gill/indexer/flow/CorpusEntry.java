package gill.indexer.flow;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import java.util.List;
import java.util.Map;

/// An image to index, as its source describes it.
///
/// @param location path of the file, relative to the source's root, `/` between its parts
/// @param names captions in other languages, by BCP 47 tag
/// @param sha256 what the file's bytes must hash to, lower-case hex; empty = unchecked
/// @param metadata further keys, as text
public record CorpusEntry(
    ImageId id,
    String location,
    String caption,
    List<String> keywords,
    Map<String, String> names,
    String source,
    String author,
    String licence,
    String style,
    String group,
    List<String> colours,
    String sha256,
    Map<String, String> metadata) {
  public CorpusEntry {
    keywords = List.copyOf(keywords);
    names = Map.copyOf(names);
    colours = List.copyOf(colours);
    metadata = Map.copyOf(metadata);
  }

  /// The record of the index, with what the file itself tells.
  public ImageRecord record(String fileSha256, int width, int height) {
    return new ImageRecord(
        id,
        caption,
        keywords,
        names,
        source,
        author,
        licence,
        style,
        group,
        colours,
        location,
        fileSha256,
        width,
        height,
        metadata);
  }
}
