package gill.engine.vision;

/// What an untrusted picture may cost.
///
/// @param maxBytes bytes of the file
/// @param maxPixels width times height, checked in the header before any pixel is decoded
/// @param maxSide width and height each
public record ImageLimits(long maxBytes, long maxPixels, int maxSide) {
  /// 20 MB, 50 megapixels, 32,767 a side.
  public static final ImageLimits DEFAULT = new ImageLimits(20_000_000, 50_000_000, 32_767);

  public ImageLimits {
    if (maxBytes < 1 || maxPixels < 1 || maxSide < 1) {
      throw new IllegalArgumentException(
          "image limits must be positive, got "
              + maxBytes
              + " bytes, "
              + maxPixels
              + " pixels, side "
              + maxSide);
    }
  }
}
