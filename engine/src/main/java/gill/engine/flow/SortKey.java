package gill.engine.flow;

/// What hits are put in order by, instead of their score.
///
/// @param field `score` or a field that a [Filter] may name. Numbers stand before texts, numbers by
///   size and texts by code points; of several values the one that comes first counts; an image
///   without a value comes last, whichever the direction
public record SortKey(String field, Direction direction) {
  public static final String SCORE = "score";

  /// Smallest or largest first.
  public enum Direction {
    ASC,
    DESC
  }
}
