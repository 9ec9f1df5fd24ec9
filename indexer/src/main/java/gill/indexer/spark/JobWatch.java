package gill.indexer.spark;

import gill.indexer.Pace;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.Success$;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.collection.Iterator;

/// Follows the tasks of a job from the driver: what is done, task by task and, between, as
/// executors tell with their heartbeats. Called by Spark's listener thread; the counts may be read
/// by others.
final class JobWatch extends SparkListener {
  static final String ROWS = "rows";
  static final String FAILURES = "failures";

  private record Count(long rows, long failures) {
    static final Count NONE = new Count(0, 0);

    Count plus(Count other) {
      return new Count(rows + other.rows, failures + other.failures);
    }
  }

  private final JobListener listener;
  private final Pace pace;
  private final Map<Long, Count> underWay = new HashMap<>();
  private Count ended = Count.NONE;
  private long told;
  private volatile long failedTasks;
  private volatile long lostExecutors;

  JobWatch(long total, JobListener listener) {
    this.listener = listener;
    this.pace = new Pace(total, 0, System::nanoTime);
  }

  long failedTasks() {
    return failedTasks;
  }

  long lostExecutors() {
    return lostExecutors;
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    Iterator<scala.Tuple4<Object, Object, Object, scala.collection.immutable.Seq<AccumulableInfo>>>
        tasks = update.accumUpdates().iterator();
    while (tasks.hasNext()) {
      var task = tasks.next();
      underWay.put((Long) task._1(), count(task._4().iterator(), AccumulableInfo::update));
    }
    tell();
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    underWay.remove(end.taskInfo().taskId());
    if (end.reason() instanceof Success$) {
      ended = ended.plus(count(end.taskInfo().accumulables().iterator(), AccumulableInfo::update));
    } else {
      failedTasks++;
    }
    tell();
  }

  @Override
  public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
    lostExecutors++;
  }

  private static Count count(
      Iterator<AccumulableInfo> values, Function<AccumulableInfo, scala.Option<Object>> value) {
    long rows = 0;
    long failures = 0;
    while (values.hasNext()) {
      AccumulableInfo info = values.next();
      if (info.name().isDefined() && value.apply(info).isDefined()) {
        String name = info.name().get();
        Object number = value.apply(info).get();
        rows = name.equals(ROWS) ? (Long) number : rows;
        failures = name.equals(FAILURES) ? (Long) number : failures;
      }
    }
    return new Count(rows, failures);
  }

  /// A task that is made again does not turn progress back.
  private void tell() {
    Count all = underWay.values().stream().reduce(ended, Count::plus);
    if (all.rows() > told) {
      told = all.rows();
      listener.progress(pace.at(all.rows(), all.failures()));
    }
  }
}
