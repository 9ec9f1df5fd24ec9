package gill.indexer;

import gill.indexer.flow.Failure;
import gill.indexer.flow.IndexingReport;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Counts what failed, and keeps the first ones.
final class Failures {
  private final SortedMap<String, Long> byReason = new TreeMap<>();
  private final List<Failure> first = new ArrayList<>();
  private long count;

  void add(Failure failure) {
    count++;
    byReason.merge(failure.reason(), 1L, Long::sum);
    if (first.size() < IndexingReport.FAILURES_KEPT) {
      first.add(failure);
    }
  }

  long count() {
    return count;
  }

  SortedMap<String, Long> byReason() {
    return byReason;
  }

  List<Failure> first() {
    return first;
  }
}
