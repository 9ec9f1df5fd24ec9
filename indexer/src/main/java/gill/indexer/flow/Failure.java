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

  /// The host's `robots.txt` forbids the address, or cannot be had.
  public static final String FETCH_ROBOTS = "fetch_forbidden_by_robots";

  /// The answer's `X-Robots-Tag` says `noai`, `noimageai`, `noindex`, `noimageindex` or `none`.
  public static final String FETCH_OPTED_OUT = "fetch_opted_out";

  /// The host is of this machine or of a private network.
  public static final String FETCH_PRIVATE = "fetch_private_address";

  public static final String FETCH_TIMEOUT = "fetch_timeout";

  /// Too many redirects, or one that leads to no picture's address.
  public static final String FETCH_REDIRECTS = "fetch_redirects";

  /// The host answers with another status than 200.
  public static final String FETCH_STATUS = "fetch_status";

  /// No host, no connection, or it broke off.
  public static final String FETCH_FAILED = "fetch_failed";

  /// The tool that downloaded the corpus (img2dataset) did not get this picture.
  public static final String NOT_DOWNLOADED = "not_downloaded";

  /// The index's takedown list forbids the image.
  public static final String TAKEN_DOWN = "taken_down";
}
