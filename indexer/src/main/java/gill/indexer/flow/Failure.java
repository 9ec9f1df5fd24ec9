package gill.indexer.flow;

/// An image that is not in the index, and why.
///
/// @param id the image's id, or `line N` of a manifest where there is none
/// @param path the file, as the source names it
/// @param reason a code: one of the constants here, or of [gill.engine.vision.ReadResult.Reason]
public record Failure(String id, String path, String reason, String message) {
  /// A manifest line that is no JSON object, or lacks a key, or has one of the wrong type.
  public static final String BAD_MANIFEST_LINE = "bad_manifest_line";

  public static final String BAD_ID = "bad_id";

  /// The manifest names a file outside the folder of images.
  public static final String OUTSIDE_ROOT = "outside_root";

  public static final String MISSING_FILE = "missing_file";

  /// The file is there but cannot be read, e.g. for want of permission.
  public static final String UNREADABLE_FILE = "unreadable_file";

  public static final String SHA256_MISMATCH = "sha256_mismatch";

  /// The models gave no usable vector.
  public static final String EMBEDDING_FAILED = "embedding_failed";

  /// The index's takedown list forbids the image.
  public static final String TAKEN_DOWN = "taken_down";
}
