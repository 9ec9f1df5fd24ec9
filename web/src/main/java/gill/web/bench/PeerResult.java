package gill.web.bench;

import java.util.List;

/// What was measured of one peer.
///
/// @param version library and version
/// @param settings as given to the peer
/// @param indexBytes on the disk
/// @param startSeconds from opening to the first answer, program start not included
/// @param residentStart bytes of the process after that
/// @param resident bytes of the process after all unfiltered searches
/// @param residentAnonymous those of them that no file backs
/// @param notes what could not be measured, and why
public record PeerResult(
    String peer,
    String version,
    String settings,
    int rows,
    double buildSeconds,
    long indexBytes,
    double startSeconds,
    long residentStart,
    long resident,
    long residentAnonymous,
    List<Point> points,
    List<String> notes) {
  public PeerResult {
    points = List.copyOf(points);
    notes = List.copyOf(notes);
  }

  /// One effort, under one filter.
  ///
  /// @param share of the rows that pass the filter; 1 = none
  /// @param recall of the 10 exact nearest
  /// @param qps1 answers a second with one thread
  /// @param qps2 with two
  /// @param p50 of single calls, milliseconds
  public record Point(
      String effort,
      double share,
      int queries,
      double recall,
      double qps1,
      double qps2,
      double p50,
      double p99) {}

  /// The points without a filter, in the order of effort.
  List<Point> unfiltered() {
    return points.stream().filter(point -> point.share() == 1).toList();
  }
}
