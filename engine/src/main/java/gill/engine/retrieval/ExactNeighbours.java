package gill.engine.retrieval;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.apache.lucene.util.VectorUtil;

/// The truth that approximate searches are measured by: every vector compared.
public final class ExactNeighbours {
  private ExactNeighbours() {}

  /// The rows of the largest inner products, best first, ties by row: `[filter][query][limit]`, -1
  /// where a filter lets fewer through. Uses all cores.
  public static int[][][] of(
      VectorIndex.Rows rows, List<float[]> queries, int limit, List<IntPredicate> filters) {
    Nearest[][] best = new Nearest[filters.size()][queries.size()];
    for (Nearest[] each : best) {
      for (int query = 0; query < each.length; query++) {
        each[query] = new Nearest(limit);
      }
    }
    int slices = VectorCodec.workers();
    IntStream.range(0, slices)
        .parallel()
        .forEach(slice -> {
          boolean[] passes = new boolean[filters.size()];
          for (int row = 0; row < rows.size(); row++) {
            float[] vector = rows.vector(row);
            for (int filter = 0; filter < passes.length; filter++) {
              passes[filter] = filters.get(filter).test(row);
            }
            for (int query = slice; query < queries.size(); query += slices) {
              float score = VectorUtil.dotProduct(queries.get(query), vector);
              for (int filter = 0; filter < passes.length; filter++) {
                if (passes[filter]) {
                  best[filter][query].offer(row, score);
                }
              }
            }
          }
        });
    int[][][] found = new int[filters.size()][queries.size()][];
    for (int filter = 0; filter < found.length; filter++) {
      for (int query = 0; query < found[filter].length; query++) {
        found[filter][query] = best[filter][query].rows;
      }
    }
    return found;
  }

  /// A short list kept in order: almost every offer is too low and costs one comparison.
  private static final class Nearest {
    private final int[] rows;
    private final float[] scores;

    Nearest(int limit) {
      rows = new int[limit];
      scores = new float[limit];
      Arrays.fill(rows, -1);
      Arrays.fill(scores, Float.NEGATIVE_INFINITY);
    }

    void offer(int row, float score) {
      int at = scores.length - 1;
      if (score <= scores[at]) {
        return;
      }
      for (; at > 0 && score > scores[at - 1]; at--) {
        scores[at] = scores[at - 1];
        rows[at] = rows[at - 1];
      }
      scores[at] = score;
      rows[at] = row;
    }
  }
}
