package gill.indexer.spark;

import gill.indexer.parts.PartOutcome;
import gill.indexer.parts.PartPlan;
import gill.indexer.parts.PartWork;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.util.LongAccumulator;

/// What an executor does with a partition: the numbers of its parts in, what became of them out.
///
/// @param rows counts rows dealt with
/// @param failures counts those of them that are not to be indexed
record PartTask(PartPlan plan, LongAccumulator rows, LongAccumulator failures)
    implements FlatMapFunction<Iterator<Integer>, PartOutcome> {
  @Override
  public Iterator<PartOutcome> call(Iterator<Integer> parts) {
    PartWork work = new PartWork(plan, ExecutorModels.embedder(plan.bundle()));
    List<PartOutcome> outcomes = new ArrayList<>();
    while (parts.hasNext()) {
      outcomes.add(
          work.run(
              parts.next(),
              (done, failed) -> {
                rows.add(done);
                failures.add(failed);
              }));
    }
    return outcomes.iterator();
  }
}
