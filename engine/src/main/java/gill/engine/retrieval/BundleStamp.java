package gill.engine.retrieval;

/// Which bundle made, or wants to read, an index.
///
/// @param fingerprint SHA-256 over the vision model, the projections and the preprocessing; vectors
///   compare only under equal fingerprints
public record BundleStamp(String name, String version, String fingerprint) {
  public BundleStamp {
    if (fingerprint.isBlank()) {
      throw new IllegalArgumentException("a bundle's fingerprint must not be blank");
    }
  }

  @Override
  public String toString() {
    String shown = fingerprint.length() > 12 ? fingerprint.substring(0, 12) : fingerprint;
    return name + " " + version + " (fingerprint " + shown + ")";
  }
}
