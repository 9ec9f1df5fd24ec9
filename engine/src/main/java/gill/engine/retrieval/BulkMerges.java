package gill.engine.retrieval;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.FilterMergePolicy;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.MergePolicy;
import org.apache.lucene.index.MergeTrigger;
import org.apache.lucene.index.SegmentCommitInfo;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.TieredMergePolicy;
import org.jspecify.annotations.Nullable;

/// Merges nothing while a bulk build goes on, and at its end everything at once: also a single
/// segment, which is unfinished too ([VectorCodec]).
final class BulkMerges extends FilterMergePolicy {
  BulkMerges() {
    super(new TieredMergePolicy());
  }

  @Override
  public @Nullable MergeSpecification findMerges(
      MergeTrigger trigger, SegmentInfos segments, MergeContext context) {
    return null;
  }

  @Override
  public @Nullable MergeSpecification findFullFlushMerges(
      MergeTrigger trigger, SegmentInfos segments, MergeContext context) {
    return null;
  }

  @Override
  public @Nullable MergeSpecification findForcedMerges(
      SegmentInfos segments,
      int most,
      Map<SegmentCommitInfo, Boolean> wanted,
      MergeContext context) {
    List<SegmentCommitInfo> all = new ArrayList<>(segments.asList());
    all.removeIf(segment -> !wanted.containsKey(segment));
    boolean done =
        all.isEmpty()
            || (all.size() == 1 && isMerged(all.getFirst()) && all.getFirst().getDelCount() == 0);
    if (done || all.stream().anyMatch(context.getMergingSegments()::contains)) {
      return null;
    }
    MergeSpecification merges = new MergeSpecification();
    merges.add(new MergePolicy.OneMerge(all));
    return merges;
  }

  private static boolean isMerged(SegmentCommitInfo segment) {
    return IndexWriter.SOURCE_MERGE.equals(segment.info.getDiagnostics().get(IndexWriter.SOURCE));
  }
}
