package gill.indexer.flow;

/// The bytes of an image's file, or why there are none.
public sealed interface PictureBytes {
  @SuppressWarnings("ArrayRecordComponent") // Never compared; handed from reader to decoder once.
  record Read(byte[] bytes) implements PictureBytes {}

  record Missing(Failure failure) implements PictureBytes {}
}
