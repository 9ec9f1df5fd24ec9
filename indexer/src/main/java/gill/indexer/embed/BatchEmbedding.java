package gill.indexer.embed;

import gill.engine.fault.InferenceException;
import gill.engine.flow.ImageId;
import gill.indexer.flow.DecodedImage;
import gill.indexer.flow.DecodedImage.Decoded;
import gill.indexer.flow.Embedding;
import gill.indexer.flow.Failure;
import gill.indexer.flow.Outcome;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// What becomes of a batch of rows in one call of the model. As safe for use by many threads as its
/// embedder.
public final class BatchEmbedding {
  private final ImageEmbedder embedder;

  public BatchEmbedding(ImageEmbedder embedder) {
    this.embedder = embedder;
  }

  /// One outcome per row, in order. A picture that the model has no usable vector for fails by
  /// itself; where that is so for all of several, the model's exception is thrown.
  public List<Outcome> outcomes(List<DecodedImage> batch) {
    List<Decoded> decoded =
        batch.stream().filter(Decoded.class::isInstance).map(Decoded.class::cast).toList();
    Iterator<Outcome> embedded = embed(decoded).iterator();
    return batch.stream()
        .map(image ->
            switch (image) {
              case Decoded _ -> embedded.next();
              case DecodedImage.Ready(_, var record, var vectors, var hash, var change) ->
                  new Outcome.Indexed(record, vectors, hash, change);
              case DecodedImage.Known(_, ImageId id) -> new Outcome.Unchanged(id);
              case DecodedImage.Undecodable(_, Failure failure) -> new Outcome.Failed(failure);
            })
        .toList();
  }

  private List<Outcome> embed(List<Decoded> batch) {
    if (batch.isEmpty()) {
      return List.of();
    }
    try {
      List<Embedding> embeddings = embedder.embed(batch.stream().map(Decoded::pixels).toList());
      List<Outcome> outcomes = new ArrayList<>();
      for (int i = 0; i < batch.size(); i++) {
        outcomes.add(indexed(batch.get(i), embeddings.get(i)));
      }
      return outcomes;
    } catch (InferenceException | IllegalArgumentException e) {
      return oneByOne(batch, e);
    }
  }

  /// Finds the pictures that spoil a batch. Where every one fails, it is not the pictures.
  private List<Outcome> oneByOne(List<Decoded> batch, RuntimeException batchFault) {
    List<Outcome> outcomes = new ArrayList<>();
    for (Decoded decoded : batch) {
      try {
        outcomes.add(indexed(decoded, embedder.embed(List.of(decoded.pixels())).getFirst()));
      } catch (InferenceException | IllegalArgumentException e) {
        outcomes.add(
            new Outcome.Failed(
                new Failure(
                    decoded.image().id().value(),
                    decoded.image().location(),
                    Failure.EMBEDDING_FAILED,
                    String.valueOf(e.getMessage()))));
      }
    }
    if (batch.size() > 1 && outcomes.stream().allMatch(Outcome.Failed.class::isInstance)) {
      throw batchFault;
    }
    return outcomes;
  }

  private static Outcome indexed(Decoded decoded, Embedding embedding) {
    return new Outcome.Indexed(decoded.image(), embedding, decoded.hash(), decoded.change());
  }
}
