package gill.engine.retrieval;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene104.Lucene104HnswScalarQuantizedVectorsFormat;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.util.quantization.QuantizedByteVectorValues.ScalarEncoding;

/// How an index keeps the vectors that its graph is searched by.
///
/// Every format keeps the full vectors (32 bits a value) on the disk beside the short ones: they
/// give the final scores, of a few candidates only. Lucene reads each format by itself, so that an
/// index may hold segments of several.
public enum VectorFormat {
  /// Chosen by the number of images.
  AUTO(0),
  /// 32 bits a value: nothing is lost and nothing saved.
  F32(2),
  /// 7 bits a value, in bytes: a quarter of the memory.
  INT7(3),
  /// 4 bits a value: an eighth.
  INT4(4),
  /// 1 bit a value, 4 in the query: one thirty-second.
  BIT1(10);

  private static final int F32_UP_TO = 100_000;

  private final int oversample;

  VectorFormat(int oversample) {
    this.oversample = oversample;
  }

  /// The format for so many images: this one, unless this is [#AUTO]. docs/indexing.md has the
  /// figures that the choice goes by.
  public VectorFormat forImages(long images) {
    return this != AUTO ? this : images <= F32_UP_TO ? F32 : INT4;
  }

  /// Candidates per wanted image that are compared at full precision unless the search says
  /// otherwise.
  public int oversample() {
    return oversample;
  }

  /// As the command line and the index have it.
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Throws [IllegalArgumentException] listing the formats.
  public static VectorFormat of(String id) {
    return Arrays.stream(values())
        .filter(format -> format.id().equals(id))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no vector format is called '" + id + "'; there are " + ids()));
  }

  public static List<String> ids() {
    return Arrays.stream(values()).map(VectorFormat::id).toList();
  }

  /// @param workers threads that build the graph of a merged segment
  KnnVectorsFormat lucene(Graph graph, int workers) {
    return switch (this) {
      case AUTO -> throw new IllegalStateException("the format is not chosen yet");
      case F32 ->
          new Lucene99HnswVectorsFormat(graph.connections(), graph.breadth(), workers, null);
      case INT7 -> quantized(ScalarEncoding.SEVEN_BIT, graph, workers);
      case INT4 -> quantized(ScalarEncoding.PACKED_NIBBLE, graph, workers);
      case BIT1 -> quantized(ScalarEncoding.SINGLE_BIT_QUERY_NIBBLE, graph, workers);
    };
  }

  private static KnnVectorsFormat quantized(ScalarEncoding encoding, Graph graph, int workers) {
    return new Lucene104HnswScalarQuantizedVectorsFormat(
        encoding, graph.connections(), graph.breadth(), workers, null);
  }

  /// @param connections neighbours per node; twice as many on the lowest level
  /// @param breadth candidates per insertion
  record Graph(int connections, int breadth) {
    /// More than Lucene's 16 and 100, for recall.
    static final Graph USUAL = new Graph(24, 160);
  }
}
