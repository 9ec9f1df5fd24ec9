package gill.indexer;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.PictureHash;
import gill.engine.flow.UnitVector;
import gill.engine.retrieval.ImageIndexWriter;
import gill.engine.retrieval.IndexContents;
import gill.engine.retrieval.IndexedImage;
import gill.indexer.decode.Takedown;
import gill.indexer.duplicates.NearDuplicates;
import gill.indexer.flow.Change;
import gill.indexer.flow.DerivedKeys;
import gill.indexer.flow.DuplicatePolicy;
import gill.indexer.flow.Failure;
import gill.indexer.flow.NearDuplicate;
import gill.indexer.flow.Outcome;
import gill.indexer.read.ReportFiles;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Takes the outcomes of rows, in their order, into the index, or into the list of failures. What
/// it does depends on the outcomes and the former index alone, so that a job that goes on after it
/// was broken off ends as one that was not. Used by the job's thread, but for [#refusal].
final class Intake implements AutoCloseable {
  private final ImageIndexWriter writer;
  private final ReportFiles files;
  private final FormerIndex former;
  private final DuplicatePolicy policy;
  private final NearDuplicates duplicates;
  private final Failures failures = new Failures();
  private final CorpusCensus census = new CorpusCensus();
  private final Set<ImageId> ids = new HashSet<>();
  private long added;
  private long changed;
  private long unchanged;
  private long dropped;

  Intake(
      ImageIndexWriter writer,
      ReportFiles files,
      FormerIndex former,
      Path index,
      IndexingPlan.Extras extras) {
    this.writer = writer;
    this.files = files;
    this.former = former;
    this.policy = extras.nearDuplicates();
    this.duplicates = new NearDuplicates(index, extras.minCosine());
  }

  /// Compares later images with those of an index too: a job that takes in a few of a source's rows
  /// only does not see the others.
  void compareWith(Path index) {
    try (IndexContents contents = IndexContents.open(index)) {
      while (contents.hasNext()) {
        IndexedImage row = contents.next();
        String hash = row.image().metadata().getOrDefault(PictureHash.KEY, "");
        if (!hash.isEmpty() && !row.image().metadata().containsKey(DerivedKeys.DUPLICATE_OF)) {
          duplicates.add(row.image(), PictureHash.parse(hash), row.clip());
        }
      }
    }
  }

  void take(Outcome outcome) {
    switch (outcome) {
      case Outcome.Indexed(var image, var vectors, var hash, Change change) -> {
        // Again: an image taken over from a broken-off run may have been taken down meanwhile.
        Optional<Failure> refused = refusal(image);
        if (refused.isPresent()) {
          fail(refused.get());
        } else {
          add(new IndexedImage(image, vectors.clip(), vectors.gill()), hash, change);
        }
      }
      case Outcome.Unchanged(ImageId id) -> leave(id);
      case Outcome.Failed(Failure failure) -> fail(failure);
    }
  }

  private void fail(Failure failure) {
    failures.add(failure);
    files.write(failure);
  }

  private void add(IndexedImage row, PictureHash hash, Change change) {
    Optional<NearDuplicate> repeated = repeated(row.image(), hash, row.clip());
    if (repeated.isPresent() && policy == DuplicatePolicy.DROP) {
      dropped++;
      return;
    }
    writer.add(marked(row, repeated));
    note(row.image());
    switch (change) {
      case ADDED -> added++;
      case CHANGED -> changed++;
    }
  }

  /// An image that stays as it is, unless it repeats another one now, or no longer.
  private void leave(ImageId id) {
    Optional<IndexedImage> there = former.row(id);
    String hash =
        there.map(row -> row.image().metadata().getOrDefault(PictureHash.KEY, "")).orElse("");
    if (there.isPresent() && !hash.isEmpty()) {
      IndexedImage row = there.get();
      Optional<NearDuplicate> repeated = repeated(row.image(), PictureHash.parse(hash), row.clip());
      if (repeated.isPresent() && policy == DuplicatePolicy.DROP) {
        dropped++;
        return;
      }
      IndexedImage marked = marked(row, repeated);
      if (!marked.image().equals(row.image())) {
        writer.add(marked);
      }
    }
    ids.add(id);
    there.ifPresent(row -> census.add(row.image()));
    unchanged++;
  }

  private Optional<NearDuplicate> repeated(ImageRecord image, PictureHash hash, UnitVector clip) {
    Optional<NearDuplicate> repeated = duplicates.next(image, hash, clip);
    repeated.ifPresent(it -> {
      census.add(it);
      files.write(it);
    });
    return repeated;
  }

  private IndexedImage marked(IndexedImage row, Optional<NearDuplicate> repeated) {
    String original =
        policy == DuplicatePolicy.LINK ? repeated.map(NearDuplicate::original).orElse("") : "";
    return new IndexedImage(
        row.image().with(DerivedKeys.DUPLICATE_OF, original), row.clip(), row.gill());
  }

  private void note(ImageRecord image) {
    ids.add(image.id());
    census.add(image);
  }

  /// Why the takedown list forbids an image, if it does. Safe for use by many threads.
  Optional<Failure> refusal(ImageRecord image) {
    return Takedown.refusal(writer.forbidden(), image);
  }

  /// Rows dealt with.
  long done() {
    return added + changed + unchanged + dropped + failures.count();
  }

  /// Images of the source that are in the index now.
  Set<ImageId> ids() {
    return ids;
  }

  Failures failures() {
    return failures;
  }

  CorpusCensus census() {
    return census;
  }

  long added() {
    return added;
  }

  long changed() {
    return changed;
  }

  long unchanged() {
    return unchanged;
  }

  /// Near-duplicates that were left out.
  long dropped() {
    return dropped;
  }

  /// Images replaced by a later one of the same id.
  long replaced() {
    return added + changed + unchanged - ids.size();
  }

  @Override
  public void close() {
    duplicates.close();
  }
}
