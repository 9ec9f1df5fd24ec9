package gill.engine.runtime;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import gill.engine.fault.BundleException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Text to token ids and back, as a Hugging Face `tokenizer.json` says.
///
/// Padding is always off, whatever the file asks for. Safe for use by many threads; close it to
/// free native memory.
public final class Tokenizer implements AutoCloseable {
  private final Path file;
  private final HuggingFaceTokenizer tokenizer;
  private final List<String> specials;
  private final LeakCheck.Ticket ticket;

  private Tokenizer(Path file, HuggingFaceTokenizer tokenizer, List<String> specials) {
    this.file = file;
    this.tokenizer = tokenizer;
    this.specials = specials;
    this.ticket = LeakCheck.opened("tokenizer " + file);
  }

  /// A tokenizer that never cuts a text short. Throws [BundleException] if the file is missing or
  /// not a tokenizer.
  public static Tokenizer load(Path tokenizerJson) {
    return load(tokenizerJson, HuggingFaceTokenizer.builder().optTruncation(false));
  }

  /// A tokenizer that cuts a text to `maxLength` tokens, its special tokens included and kept.
  public static Tokenizer load(Path tokenizerJson, int maxLength) {
    if (maxLength < 1) {
      throw new IllegalArgumentException("a text keeps at least 1 token, got " + maxLength);
    }
    return load(
        tokenizerJson, HuggingFaceTokenizer.builder().optTruncation(true).optMaxLength(maxLength));
  }

  private static Tokenizer load(Path tokenizerJson, HuggingFaceTokenizer.Builder builder) {
    Path file = tokenizerJson.toAbsolutePath();
    if (!Files.isRegularFile(file)) {
      throw new BundleException("the tokenizer " + file + " is missing", List.of());
    }
    NativeRuntime.quiet();
    try {
      List<String> specials = specials(file);
      return new Tokenizer(
          file, builder.optTokenizerPath(file).optPadding(false).build(), specials);
    } catch (IOException | RuntimeException e) {
      // The native library reports a malformed file as a bare RuntimeException.
      throw new BundleException(
          "cannot load the tokenizer " + file + ": " + e.getMessage(), List.of());
    }
  }

  private static List<String> specials(Path file) {
    List<String> specials = new ArrayList<>();
    for (JsonNode token : new JsonMapper().readTree(file).path("added_tokens")) {
      if (token.path("special").asBoolean(false)) {
        specials.add(token.path("content").asString());
      }
    }
    return specials;
  }

  /// True if a special token is spelled out in `text` at `offset`.
  public boolean startsSpecial(String text, int offset) {
    for (String special : specials) {
      if (text.startsWith(special, offset)) {
        return true;
      }
    }
    return false;
  }

  /// The text's token ids without what the tokenizer would put around a whole text. Special tokens
  /// spelled out in the text become their ids.
  public int[] encode(String text) {
    return text.isEmpty() ? new int[0] : ids(tokenizer.encode(text, false, false));
  }

  /// The text's token ids with what the tokenizer puts around a whole text, e.g. `[CLS]` and
  /// `[SEP]`.
  public int[] encodeWhole(String text) {
    return ids(tokenizer.encode(text, true, false));
  }

  private static int[] ids(Encoding encoding) {
    return Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
  }

  /// The text of the ids; special tokens leave no trace. Incomplete UTF-8 becomes U+FFFD.
  public String decode(int... ids) {
    return ids.length == 0
        ? ""
        : tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), true);
  }

  @Override
  public void close() {
    tokenizer.close();
    ticket.close();
  }

  @Override
  public String toString() {
    return "Tokenizer[" + file + "]";
  }
}
