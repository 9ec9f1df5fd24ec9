package gill.indexer.fetch;

/// What came of an address.
public sealed interface Fetched {
  @SuppressWarnings("ArrayRecordComponent") // Never compared; handed on once.
  record Whole(byte[] bytes) implements Fetched {}

  /// @param reason a code of [gill.indexer.flow.Failure]
  record Refused(String reason, String message) implements Fetched {}
}
