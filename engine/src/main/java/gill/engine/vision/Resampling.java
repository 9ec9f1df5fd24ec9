package gill.engine.vision;

/// Pillow's resampling filters, by the number `resample` has in `preprocessor_config.json`.
enum Resampling {
  LANCZOS(1, 3),
  BILINEAR(2, 1),
  BICUBIC(3, 2);

  private final int code;
  private final double support;

  Resampling(int code, double support) {
    this.code = code;
    this.support = support;
  }

  static Resampling of(int code) {
    for (Resampling filter : values()) {
      if (filter.code == code) {
        return filter;
      }
    }
    throw new IllegalArgumentException(
        "resample must be 1 (Lanczos), 2 (bilinear) or 3 (bicubic), got " + code);
  }

  /// Half the filter's width in source pixels when nothing is shrunk.
  double support() {
    return support;
  }

  double weight(double distance) {
    double x = Math.abs(distance);
    return switch (this) {
      case LANCZOS -> x < 3 ? sinc(x) * sinc(x / 3) : 0;
      case BILINEAR -> x < 1 ? 1 - x : 0;
      case BICUBIC -> {
        double a = -0.5;
        if (x < 1) {
          yield ((a + 2) * x - (a + 3)) * x * x + 1;
        }
        yield x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
      }
    };
  }

  private static double sinc(double x) {
    if (x == 0) {
      return 1;
    }
    double angle = x * Math.PI;
    return Math.sin(angle) / angle;
  }
}
