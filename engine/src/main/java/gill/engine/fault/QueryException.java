package gill.engine.fault;

/// A search that cannot be run as it was asked; nothing is wrong with the index.
public final class QueryException extends EngineException {
  /// What is wrong with the question.
  public enum Reason {
    /// A value breaks a rule.
    INVALID,
    /// It names an image that the index does not hold.
    UNKNOWN_IMAGE,
    /// Its cursor belongs to another question, or to an index that has changed since.
    STALE_CURSOR
  }

  private final Reason reason;
  private final String field;

  /// @param field the part of the request at fault, such as `filter` or `query[1]`
  public QueryException(Reason reason, String field, String message) {
    super(message);
    this.reason = reason;
    this.field = field;
  }

  public static QueryException invalid(String field, String message) {
    return new QueryException(Reason.INVALID, field, message);
  }

  public Reason reason() {
    return reason;
  }

  public String field() {
    return field;
  }
}
