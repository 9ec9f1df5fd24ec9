package gill.engine.vision;

/// What a walk over a JPEG's markers tells: how its samples are coloured and whether it is whole.
///
/// @param componentIds ids of the frame's components, in order
/// @param jfif a JFIF segment was seen: three components are then YCbCr
/// @param adobeTransform Adobe's colour transform 0…2, or -1 without an Adobe segment
/// @param whole the scans end with an end-of-image marker
record JpegStructure(int[] componentIds, boolean jfif, int adobeTransform, boolean whole) {

  /// How the raw samples of the frame are to be read.
  enum Colours {
    GREY,
    RGB,
    YCBCR,
    CMYK,
    YCCK,
    UNKNOWN
  }

  static JpegStructure of(byte[] file) {
    int[] ids = {};
    boolean jfif = false;
    int adobe = -1;
    int at = 2;
    while (at + 1 < file.length) {
      if ((file[at] & 0xff) != 0xff) {
        at++; // stray bytes between segments, or a scan's data
        continue;
      }
      int marker = file[at + 1] & 0xff;
      if (marker == 0xd9) {
        return new JpegStructure(ids, jfif, adobe, ids.length > 0);
      }
      if (marker == 0xff) {
        at++;
        continue;
      }
      boolean standsAlone = marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8);
      if (standsAlone) {
        at += 2;
        continue;
      }
      if (at + 4 > file.length) {
        break;
      }
      int length = (file[at + 2] & 0xff) << 8 | (file[at + 3] & 0xff);
      int end = at + 2 + length;
      if (length < 2 || end > file.length) {
        break;
      }
      if (marker == 0xe0 && length >= 7 && ascii(file, at + 4, "JFIF")) {
        jfif = true;
      } else if (marker == 0xee && length >= 14 && ascii(file, at + 4, "Adobe")) {
        adobe = file[at + 15] & 0xff;
      } else if (isFrame(marker) && length >= 8 && ids.length == 0) {
        ids = componentIds(file, at, end);
      }
      at = end;
    }
    return new JpegStructure(ids, jfif, adobe, false);
  }

  private static int[] componentIds(byte[] file, int segment, int end) {
    int count = file[segment + 9] & 0xff;
    int[] ids = new int[Math.min(count, (end - segment - 10) / 3)];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = file[segment + 10 + 3 * i] & 0xff;
    }
    return ids;
  }

  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  private static boolean ascii(byte[] file, int offset, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (file[offset + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /// The rules of the reference decoder: JFIF, then Adobe, then the component ids.
  Colours colours() {
    return switch (componentIds.length) {
      case 1 -> Colours.GREY;
      case 3 -> {
        if (jfif) {
          yield Colours.YCBCR;
        }
        if (adobeTransform >= 0) {
          yield adobeTransform == 0 ? Colours.RGB : Colours.YCBCR;
        }
        boolean named = componentIds[0] == 'R' && componentIds[1] == 'G' && componentIds[2] == 'B';
        yield named ? Colours.RGB : Colours.YCBCR;
      }
      case 4 -> adobeTransform > 0 ? Colours.YCCK : Colours.CMYK;
      default -> Colours.UNKNOWN;
    };
  }
}
