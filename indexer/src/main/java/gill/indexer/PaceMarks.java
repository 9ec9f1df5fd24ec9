package gill.indexer;

import gill.indexer.flow.CorpusProfile.Mark;
import java.util.ArrayList;
import java.util.List;

/// How far a job was over time, in at most [#MOST] marks: when there are more, every other one
/// goes, and marks come half as often.
final class PaceMarks {
  private static final int MOST = 120;

  private final List<Mark> marks = new ArrayList<>();
  private double between = 0.5;

  void at(double seconds, long done) {
    double last = marks.isEmpty() ? 0 : marks.getLast().seconds();
    if (seconds - last < between) {
      return;
    }
    marks.add(new Mark(seconds, done));
    if (marks.size() > MOST) {
      for (int i = marks.size() - 2; i >= 0; i -= 2) {
        marks.remove(i);
      }
      between *= 2;
    }
  }

  List<Mark> marks() {
    return List.copyOf(marks);
  }
}
