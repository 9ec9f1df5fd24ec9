package gill.engine.flow;

import java.util.List;

/// The answer to a lookup: one image for a prompt, without decoding text.
///
/// @param image a `RetrievedImage`, `GeneratedImage` or `NoImage`
/// @param candidates the best hits of the [IMG] query, best first
public record LookupResult(
    Decision decision, Output image, List<Hit> candidates, StageTimings timings) {
  public LookupResult {
    candidates = List.copyOf(candidates);
  }
}
