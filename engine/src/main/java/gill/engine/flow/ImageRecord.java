package gill.engine.flow;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What is known of a corpus image: everything an answer has to say about where it comes from.
///
/// @param names captions in other languages, by BCP 47 tag
/// @param location path of the image file, relative to the index's image root or absolute
/// @param sha256 lower-case hex over the file's bytes
/// @param metadata any further key of the manifest, as text
public record ImageRecord(
    ImageId id,
    String caption,
    List<String> keywords,
    Map<String, String> names,
    String source,
    String author,
    String licence,
    String style,
    String group,
    List<String> colours,
    String location,
    String sha256,
    int width,
    int height,
    Map<String, String> metadata) {
  public ImageRecord {
    keywords = List.copyOf(keywords);
    names = Map.copyOf(names);
    colours = List.copyOf(colours);
    metadata = Map.copyOf(metadata);
  }

  /// The same with another value of a metadata key; empty = without the key.
  public ImageRecord with(String key, String value) {
    Map<String, String> others = new HashMap<>(metadata);
    if (value.isEmpty()) {
      others.remove(key);
    } else {
      others.put(key, value);
    }
    return new ImageRecord(
        id, caption, keywords, names, source, author, licence, style, group, colours, location,
        sha256, width, height, others);
  }
}
