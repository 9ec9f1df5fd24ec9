package gill.indexer.spark;

import gill.indexer.IndexingListener;

/// Told how far a job is; first the parts are embedded, then the index is made.
public interface JobListener extends IndexingListener {
  /// A new phase begins, whose progress is counted from nothing.
  void phase(String what);
}
