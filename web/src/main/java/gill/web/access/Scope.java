package gill.web.access;

/// What a key allows; each scope includes those before it.
public enum Scope {
  /// Ask, search, draw, embed.
  READ,
  /// Leave feedback.
  WRITE,
  /// List feedback, read metrics.
  ADMIN;

  boolean includes(Scope other) {
    return compareTo(other) >= 0;
  }
}
