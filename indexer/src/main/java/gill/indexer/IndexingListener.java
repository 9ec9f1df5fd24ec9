package gill.indexer;

import gill.indexer.flow.Progress;

/// Told of an indexing job's progress after each batch, on the job's thread.
@FunctionalInterface
public interface IndexingListener {
  IndexingListener NONE = _ -> {};

  void progress(Progress progress);
}
