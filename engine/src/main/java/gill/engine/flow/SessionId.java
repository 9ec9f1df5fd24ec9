package gill.engine.flow;

/// The name of a conversation: 1 to 128 characters of `A-Z a-z 0-9 . _ -`.
public record SessionId(String value) {
  public SessionId {
    if (!value.matches("[A-Za-z0-9._-]{1,128}")) {
      throw new IllegalArgumentException("a session id has 1 to 128 of A-Z a-z 0-9 . _ -");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
