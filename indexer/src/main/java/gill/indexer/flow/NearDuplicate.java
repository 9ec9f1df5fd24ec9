package gill.indexer.flow;

/// An image that repeats an earlier one of the source.
///
/// @param location of its file, relative to the source's root
/// @param original id of the earlier image
/// @param originalLocation of the earlier image's file
/// @param bits that differ between the perceptual hashes, 0 to 128
/// @param cosine of the CLIP vectors
public record NearDuplicate(
    String id,
    String location,
    String original,
    String originalLocation,
    int bits,
    double cosine) {}
