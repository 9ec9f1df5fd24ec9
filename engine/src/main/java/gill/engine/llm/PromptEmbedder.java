package gill.engine.llm;

import gill.engine.flow.PromptSegment;
import gill.engine.flow.PromptSegment.ImgTokens;
import gill.engine.flow.PromptSegment.TokenIds;
import gill.engine.flow.PromptSegment.VisualTokens;
import gill.engine.runtime.FloatTensor;
import gill.engine.runtime.ImgTokenRows;
import gill.engine.runtime.LongTensor;
import gill.engine.runtime.OnnxModel;
import java.util.List;
import java.util.Map;

/// Puts the input embeddings of a prompt's segments one after another: `[T][H]`, row-major.
///
/// Safe for use by many threads.
final class PromptEmbedder {
  private final OnnxModel tokenTable;
  private final float[] imgRows;
  private final int imgTokenCount;

  PromptEmbedder(OnnxModel tokenTable, ImgTokenRows imgTokens) {
    this.tokenTable = tokenTable;
    this.imgRows = imgTokens.inputEmbeddings().toArray();
    this.imgTokenCount = imgTokens.inputEmbeddings().rows();
  }

  /// Positions the segments take.
  int length(List<PromptSegment> segments) {
    int length = 0;
    for (PromptSegment segment : segments) {
      length +=
          switch (segment) {
            case TokenIds(int[] ids) -> ids.length;
            case VisualTokens(var embeddings) -> embeddings.rows();
            case ImgTokens() -> imgTokenCount;
          };
    }
    return length;
  }

  float[] embed(List<PromptSegment> segments) {
    return joined(
        segments.stream()
            .map(segment ->
                switch (segment) {
                  case TokenIds(int[] ids) -> tokens(ids);
                  case VisualTokens(var embeddings) -> embeddings.toArray();
                  case ImgTokens() -> imgRows;
                })
            .toList());
  }

  /// The rows of token ids.
  float[] tokens(int... ids) {
    if (ids.length == 0) {
      return new float[0];
    }
    long[] wide = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      wide[i] = ids[i];
    }
    FloatTensor rows =
        tokenTable.run(Map.of("input_ids", LongTensor.of(wide, 1, ids.length)), "inputs_embeds");
    return rows.data();
  }

  /// Token ids followed by the r [IMG] tokens.
  float[] tokensThenImg(int... ids) {
    return joined(List.of(tokens(ids), imgRows));
  }

  private static float[] joined(List<float[]> pieces) {
    float[] joined = new float[pieces.stream().mapToInt(piece -> piece.length).sum()];
    int at = 0;
    for (float[] piece : pieces) {
      System.arraycopy(piece, 0, joined, at, piece.length);
      at += piece.length;
    }
    return joined;
  }
}
