package gill.engine.llm;

import gill.engine.flow.SamplingOptions;
import java.util.Arrays;
import java.util.Random;

/// Draws the next token from logits: repetition penalty, temperature, nucleus. Same seed and same
/// logits, same tokens. Belongs to one answer; not safe for use by several threads.
final class Sampler {
  /// Tokens this much below the best (in units of temperature) are looked at only if needed.
  private static final double FIRST_REACH = 4;

  /// Tokens further below the best are left out of the total: all of a vocabulary of a million
  /// together would weigh less than 1e-9 of the best one.
  private static final double NEGLIGIBLE = 35;

  private final SamplingOptions options;
  // Random's algorithm is part of its specification, so a seed means the same on every Java.
  private final Random random;
  private final boolean[] penalised;

  /// @param size number of logits
  Sampler(SamplingOptions options, int size) {
    this.options = options;
    this.random = new Random(options.seed());
    this.penalised = new boolean[size];
  }

  /// Makes a token less likely from now on.
  void penalise(int id) {
    penalised[id] = true;
  }

  /// The index of the chosen logit; the lowest index among equals. Minus infinity is never chosen
  /// while anything else can be. Throws [IllegalArgumentException] if a logit is NaN or none is
  /// finite.
  int next(float[] logits) {
    double[] scores = scores(logits);
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      if (scores[i] > scores[best]) {
        best = i;
      }
    }
    if (!Double.isFinite(scores[best])) {
      throw new IllegalArgumentException("no logit can be chosen: the best is " + scores[best]);
    }
    return options.temperature() == 0 ? best : draw(scores, scores[best]);
  }

  private double[] scores(float[] logits) {
    if (logits.length != penalised.length) {
      throw new IllegalArgumentException(
          "the sampler is for " + penalised.length + " logits, got " + logits.length);
    }
    double penalty = options.repetitionPenalty();
    double temperature = options.temperature() == 0 ? 1 : options.temperature();
    double[] scores = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      double score = logits[i];
      if (Double.isNaN(score)) {
        throw new IllegalArgumentException("logit " + i + " is not a number");
      }
      if (penalised[i]) {
        score = score > 0 ? score / penalty : score * penalty;
      }
      scores[i] = score / temperature;
    }
    return scores;
  }

  /// Softmax relative to the best, so nothing overflows; then the smallest set of most likely
  /// tokens whose mass reaches top-p; then one of them.
  private int draw(double[] scores, double best) {
    double total = 0;
    for (double score : scores) {
      if (best - score < NEGLIGIBLE) {
        total += Math.exp(score - best);
      }
    }
    double wanted = options.topP() * total;
    int[] likely = likely(scores, best, wanted);
    double mass = 0;
    int kept = 0;
    while (kept < likely.length && mass < wanted) {
      mass += Math.exp(scores[likely[kept++]] - best);
    }
    double target = random.nextDouble() * mass;
    double sum = 0;
    for (int i = 0; i < kept; i++) {
      sum += Math.exp(scores[likely[i]] - best);
      if (target < sum) {
        return likely[i];
      }
    }
    return likely[kept - 1];
  }

  /// Indices by falling score, then rising index: enough of them to hold the wanted mass.
  private static int[] likely(double[] scores, double best, double wanted) {
    for (double reach = FIRST_REACH; ; reach *= 4) {
      int[] candidates = new int[scores.length];
      int count = 0;
      double mass = 0;
      for (int i = 0; i < scores.length; i++) {
        if (scores[i] - best >= -reach) {
          candidates[count++] = i;
          mass += Math.exp(scores[i] - best);
        }
      }
      if (mass >= wanted || count == scores.length || reach > 1e6) {
        return sorted(Arrays.copyOf(candidates, count), scores);
      }
    }
  }

  private static int[] sorted(int[] candidates, double[] scores) {
    return Arrays.stream(candidates)
        .boxed()
        .sorted((a, b) -> scores[a] == scores[b] ? a - b : Double.compare(scores[b], scores[a]))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
