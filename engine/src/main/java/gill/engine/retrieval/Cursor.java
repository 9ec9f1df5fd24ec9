package gill.engine.retrieval;

import gill.engine.fault.QueryException;
import gill.engine.runtime.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/// Where the next page of an answer begins, and of which answer: a cursor is good for one question
/// to one state of one index.
///
/// @param offset hits on the pages before
/// @param index digest of the index's state
/// @param question digest of everything that decides the ranking
record Cursor(int offset, String index, String question) {
  private static final int DIGEST_BYTES = 9;
  private static final String TAG = "g1";

  static Cursor start(String state, String question) {
    return new Cursor(0, digest(state), digest(question));
  }

  Cursor at(int next) {
    return new Cursor(next, index, question);
  }

  /// The offset that `text`, a cursor as the last answer gave it, stands for; empty text = 0.
  int offset(String text) {
    if (text.isEmpty()) {
      return 0;
    }
    Cursor given = parse(text);
    if (!given.index.equals(index)) {
      throw stale("the index has changed since, or it is another one");
    }
    if (!given.question.equals(question)) {
      throw stale("it was given for another query, filter or ranking");
    }
    return given.offset;
  }

  private static QueryException stale(String why) {
    return new QueryException(
        QueryException.Reason.STALE_CURSOR,
        "cursor",
        "the cursor does not fit: " + why + ". Search again without a cursor");
  }

  private static Cursor parse(String text) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(text);
      String[] parts = new String(bytes, StandardCharsets.UTF_8).split(":", -1);
      if (parts.length == 4 && parts[0].equals(TAG) && parts[1].matches("[0-9]{1,5}")) {
        return new Cursor(Integer.parseInt(parts[1]), parts[2], parts[3]);
      }
    } catch (IllegalArgumentException _) {
      // Not base64: as unreadable as any other text.
    }
    throw QueryException.invalid(
        "cursor", "the cursor is not one that a search gave; search again without a cursor");
  }

  @Override
  public String toString() {
    String plain = String.join(":", TAG, Integer.toString(offset), index, question);
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(plain.getBytes(StandardCharsets.UTF_8));
  }

  /// Hexadecimal digest of a vector, for the question.
  static String ofVector(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return digest(bytes.array());
  }

  private static String digest(String text) {
    return digest(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String digest(byte[] bytes) {
    byte[] whole = Sha256.digest().digest(bytes);
    return HexFormat.of().formatHex(Arrays.copyOf(whole, DIGEST_BYTES));
  }
}
