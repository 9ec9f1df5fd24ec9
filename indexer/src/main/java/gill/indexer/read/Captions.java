package gill.indexer.read;

import java.util.regex.Pattern;

/// Captions from file names.
final class Captions {
  private static final Pattern CAMEL = Pattern.compile("(?<=\\p{Ll})(?=\\p{Lu})");
  private static final Pattern SEPARATORS = Pattern.compile("[_\\-+.,~\\s]+");

  private Captions() {}

  /// The name without its extension.
  static String stem(String fileName) {
    int dot = fileName.lastIndexOf('.');
    return dot > 0 ? fileName.substring(0, dot) : fileName;
  }

  /// Words from a name without its extension: `redApple_02` is `red Apple 02`.
  static String words(String stem) {
    String spaced = SEPARATORS.matcher(CAMEL.matcher(stem).replaceAll(" ")).replaceAll(" ").strip();
    return spaced.isEmpty() ? stem : spaced;
  }
}
