package gill.engine.diffusion;

/// Standard normal numbers from a seed, the same on every machine and in every version: SplitMix64
/// (state += 0x9E3779B97F4A7C15, then the mixing of Steele, Lea and Flood 2014), two outputs a and
/// b become u = ((a >>> 11) + 1)·2⁻⁵³ and v = (b >>> 11)·2⁻⁵³, and Box–Muller makes √(−2 ln u)·cos
/// 2πv, then √(−2 ln u)·sin 2πv, computed in [StrictMath] doubles.
final class GaussianNoise {
  private static final double UNIT = 0x1p-53;

  private long state;

  private GaussianNoise(long seed) {
    this.state = seed;
  }

  /// The first `count` numbers of a seed.
  static float[] of(long seed, int count) {
    GaussianNoise noise = new GaussianNoise(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i += 2) {
      double radius = StrictMath.sqrt(-2 * StrictMath.log(((noise.next() >>> 11) + 1) * UNIT));
      double angle = 2 * Math.PI * ((noise.next() >>> 11) * UNIT);
      values[i] = (float) (radius * StrictMath.cos(angle));
      if (i + 1 < count) {
        values[i + 1] = (float) (radius * StrictMath.sin(angle));
      }
    }
    return values;
  }

  private long next() {
    state += 0x9E3779B97F4A7C15L;
    long mixed = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
