package gill.engine.llm;

import gill.engine.runtime.Tokenizer;
import java.util.Arrays;

/// Turns token ids into text piece by piece. A character whose bytes are spread over several tokens
/// appears when its last byte has come. Belongs to one answer.
final class TextStream {
  /// Bytes that never become a character are let through after so many tokens.
  private static final int MAX_HELD = 16;

  private final Tokenizer tokenizer;
  private int[] ids = new int[64];
  private int size;
  private int contextStart;
  private int shown;

  TextStream(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /// The text that became complete with this token; empty while a character is incomplete.
  String add(int id) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, 2 * size);
    }
    ids[size++] = id;
    String text = unseen();
    if (text.endsWith("\uFFFD") && size - shown < MAX_HELD) {
      return "";
    }
    settle();
    return text;
  }

  /// What is still held back, with U+FFFD for incomplete characters.
  String flush() {
    String text = unseen();
    settle();
    return text;
  }

  /// Decodes with the tokens before, because a tokenizer may treat a text's start in its own way.
  private String unseen() {
    String before = tokenizer.decode(Arrays.copyOfRange(ids, contextStart, shown));
    String all = tokenizer.decode(Arrays.copyOfRange(ids, contextStart, size));
    return all.length() > before.length() ? all.substring(before.length()) : "";
  }

  private void settle() {
    contextStart = shown;
    shown = size;
  }
}
