package gill.indexer.flow;

/// An image that repeats an earlier one of the source.
///
/// @param original id of the earlier image
/// @param bits that differ between the perceptual hashes, 0 to 128
/// @param cosine of the CLIP vectors
public record NearDuplicate(String id, String original, int bits, double cosine) {}
