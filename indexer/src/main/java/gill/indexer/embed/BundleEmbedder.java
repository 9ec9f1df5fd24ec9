package gill.indexer.embed;

import gill.engine.flow.IndexCalibration;
import gill.engine.flow.Pixels;
import gill.engine.flow.QueryKind;
import gill.engine.flow.Relevance;
import gill.engine.mapper.RetrievalHead;
import gill.engine.retrieval.BundleStamp;
import gill.engine.retrieval.CorpusView;
import gill.engine.retrieval.MatchFitting;
import gill.engine.runtime.Bundle;
import gill.engine.runtime.BundleManifest;
import gill.engine.vision.TextEncoder;
import gill.engine.vision.VisualEncoder;
import gill.indexer.flow.Embedding;
import java.util.List;

/// Embeds with a bundle's vision model: one run of its tower per batch, then CLIP's projection and
/// GILL's. Closes nothing: the models belong to the bundle.
public final class BundleEmbedder implements ImageEmbedder {
  /// Asked for at the end of a job.
  private static final int CAPTIONS = 500;

  private final BundleStamp stamp;
  private final int clipDimension;
  private final int gillDimension;
  private final VisualEncoder encoder;
  private final RetrievalHead head;
  private final TextEncoder text;
  private final Relevance relevance;

  private BundleEmbedder(Bundle bundle) {
    BundleManifest manifest = bundle.manifest();
    this.stamp = new BundleStamp(manifest.name(), manifest.version(), bundle.fingerprint());
    this.clipDimension = manifest.vision().embedDim();
    this.gillDimension = manifest.gill().retrievalDim();
    this.encoder = new VisualEncoder(bundle);
    this.head = new RetrievalHead(bundle);
    this.text = new TextEncoder(bundle);
    this.relevance = bundle.relevance();
  }

  public static BundleEmbedder of(Bundle bundle) {
    return new BundleEmbedder(bundle);
  }

  @Override
  public BundleStamp bundle() {
    return stamp;
  }

  @Override
  public int clipDimension() {
    return clipDimension;
  }

  @Override
  public int gillDimension() {
    return gillDimension;
  }

  /// The picture as the tower sees it. Resizing it once more changes nothing.
  @Override
  public Pixels prepare(Pixels picture) {
    return encoder.preprocessor().resized(picture);
  }

  @Override
  public List<Embedding> embed(List<Pixels> pictures) {
    return encoder.pooled(pictures).stream()
        .map(pooled -> new Embedding(encoder.clipEmbedding(pooled), head.imageEmbedding(pooled)))
        .toList();
  }

  /// The kinds of query in CLIP space; [IMG] queries need the language model.
  @Override
  public IndexCalibration calibrated(CorpusView index, IndexCalibration former) {
    return new MatchFitting(index, CAPTIONS)
        .fitClip(text::embed, relevance.models(QueryKind.TEXT))
        .over(relevance.valid(former));
  }
}
