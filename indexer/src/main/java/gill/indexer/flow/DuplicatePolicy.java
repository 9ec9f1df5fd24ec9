package gill.indexer.flow;

import java.util.Locale;

/// What becomes of an image that repeats an earlier one of the source.
public enum DuplicatePolicy {
  /// It is indexed; the report tells of it.
  KEEP,
  /// It is indexed, and its metadata name the earlier one: [DerivedKeys#DUPLICATE_OF].
  LINK,
  /// It is left out.
  DROP;

  public static DuplicatePolicy of(String name) {
    for (DuplicatePolicy policy : values()) {
      if (policy.id().equals(name)) {
        return policy;
      }
    }
    throw new IllegalArgumentException(
        "what becomes of near-duplicates is keep, link or drop, got \"" + name + "\"");
  }

  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
