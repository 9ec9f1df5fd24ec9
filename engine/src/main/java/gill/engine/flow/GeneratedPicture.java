package gill.engine.flow;

import java.util.List;

/// A generated image with all that is needed to make it again.
///
/// @param id content address, `sha256` of the PNG in lower-case hex
/// @param png the file, its text chunk and XMP included
/// @param prompt the request's words, for the record
/// @param references the corpus images it leaned on, for credit; empty if none
/// @param similarity cosine of the picture and the query in CLIP space
/// @param confidence probability that the picture shows what was asked, in [0, 1]
public record GeneratedPicture(
    String id,
    Pixels pixels,
    byte[] png,
    String prompt,
    long seed,
    int numInferenceSteps,
    double guidanceScale,
    String scheduler,
    String model,
    List<ImageRecord> references,
    double similarity,
    double confidence) {
  public GeneratedPicture {
    references = List.copyOf(references);
    png = png.clone();
  }

  @Override
  public byte[] png() {
    return png.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GeneratedPicture g && g.id.equals(id);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return "GeneratedPicture[" + id + ", seed " + seed + "]";
  }
}
