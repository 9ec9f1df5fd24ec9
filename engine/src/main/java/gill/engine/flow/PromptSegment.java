package gill.engine.flow;

import java.util.Arrays;

/// A piece of the prompt as the language model reads it.
public sealed interface PromptSegment {
  /// Token ids of the tokenizer.
  record TokenIds(int[] ids) implements PromptSegment {
    public TokenIds {
      ids = ids.clone();
    }

    @Override
    public int[] ids() {
      return ids.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof TokenIds t && Arrays.equals(t.ids, ids);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(ids);
    }

    @Override
    public String toString() {
      return "TokenIds" + Arrays.toString(ids);
    }
  }

  /// An image as `[n][H]` input embeddings (paper: visual prefix).
  record VisualTokens(Matrix embeddings) implements PromptSegment {}

  /// An image the model itself showed earlier: the r [IMG] tokens stand for it.
  record ImgTokens() implements PromptSegment {}
}
