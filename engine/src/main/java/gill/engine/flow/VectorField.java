package gill.engine.flow;

/// The two vectors an index holds for each image.
public enum VectorField {
  /// CLIP image embedding: compared with CLIP text or image embeddings.
  CLIP,
  /// GILL's retrieval embedding of the image (paper §3.2): compared with [IMG] queries.
  GILL
}
