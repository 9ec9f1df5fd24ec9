package gill.engine.eval;

/// One figure of the evaluation and its place in the tables.
///
/// @param table title of the table
/// @param row what was asked and which metric
/// @param column which system answered
public record Measure(String table, String row, String column, Interval figure, Aim aim) {
  public Measure(String table, String row, String column, Interval figure) {
    this(table, row, column, figure, Aim.NONE);
  }

  public Measure with(Aim other) {
    return new Measure(table, row, column, figure, other);
  }
}
