package gill.engine.flow;

/// The name of a corpus image, unique in an index, e.g. `noto/red-apple`.
public record ImageId(String value) implements Comparable<ImageId> {
  public ImageId {
    if (value.isBlank() || value.length() > 512) {
      throw new IllegalArgumentException(
          "an image id has 1 to 512 characters, got " + value.length());
    }
  }

  @Override
  public int compareTo(ImageId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
