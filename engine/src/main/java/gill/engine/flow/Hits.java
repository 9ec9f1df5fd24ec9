package gill.engine.flow;

import java.util.List;

/// The answer to a [RetrievalQuery]: best first, ties by id.
public record Hits(List<Hit> bestFirst) {
  public static final Hits NONE = new Hits(List.of());

  public Hits {
    bestFirst = List.copyOf(bestFirst);
  }

  public boolean isEmpty() {
    return bestFirst.isEmpty();
  }
}
