package gill.web.jobs;

import java.util.Locale;

/// What a job does. Jobs of one kind run one after another.
public enum JobKind {
  /// Makes an index of a corpus, or brings one up to date.
  INDEX,
  /// Draws pictures.
  GENERATION;

  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
