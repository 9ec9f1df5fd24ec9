package gill.engine.retrieval;

import gill.engine.flow.IndexCalibration;
import gill.engine.flow.IndexCalibration.MatchFit;
import gill.engine.flow.MatchCurve;
import gill.engine.flow.MatchScale;
import gill.engine.flow.QueryKind;
import gill.engine.flow.Relevance;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.lucene.util.BytesRef;

/// The background that a query's cosines are read against: the vectors of the images whose ids have
/// the lowest hashes, so that the sample is the same wherever the same images are.
///
/// @param vectors per field, as many as there are images, at most [#SIZE]
public record MatchSample(Map<VectorField, List<UnitVector>> vectors) {
  public static final int SIZE = 512;

  public MatchSample {
    vectors = Map.copyOf(vectors);
  }

  /// How the query's cosines are read.
  public MatchScale scale(
      QueryKind kind, UnitVector query, IndexCalibration calibration, Relevance bundle) {
    double sum = 0;
    double squares = 0;
    List<UnitVector> sample = vectors.getOrDefault(kind.field(), List.of());
    for (UnitVector vector : sample) {
      double cosine = query.cosine(vector);
      sum += cosine;
      squares += cosine * cosine;
    }
    int count = Math.max(1, sample.size());
    double mean = sum / count;
    Optional<MatchFit> fit = calibration.match(kind);
    MatchCurve curve = fit.map(MatchFit::curve).orElseGet(() -> bundle.curve(kind));
    return new MatchScale(
        curve, fit.isPresent(), mean, Math.sqrt(Math.max(0, squares / count - mean * mean)));
  }

  /// FNV-1a over the bytes, then MurmurHash3's 64-bit finaliser; compared without sign.
  static long hash(BytesRef id) {
    long hash = 0xcbf29ce484222325L;
    for (int i = id.offset; i < id.offset + id.length; i++) {
      hash = (hash ^ (id.bytes[i] & 0xff)) * 0x100000001b3L;
    }
    hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
    hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
    return hash ^ hash >>> 33;
  }

  public static long hash(String id) {
    return hash(new BytesRef(id));
  }
}
