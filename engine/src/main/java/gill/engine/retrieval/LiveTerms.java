package gill.engine.retrieval;

import gill.engine.flow.PictureHash;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.util.BytesRef;

/// What a writer's index holds, with all that is not committed yet.
final class LiveTerms {
  @FunctionalInterface
  interface Visitor {
    /// @param term reused by the caller
    void visit(BytesRef term) throws IOException;
  }

  private LiveTerms() {}

  static void forEach(IndexWriter writer, String field, Visitor visitor) throws IOException {
    try (DirectoryReader reader = DirectoryReader.open(writer)) {
      for (LeafReaderContext leaf : reader.leaves()) {
        Terms terms = leaf.reader().terms(field);
        TermsEnum each = terms == null ? TermsEnum.EMPTY : terms.iterator();
        for (BytesRef term = each.next(); term != null; term = each.next()) {
          visitor.visit(term);
        }
      }
    }
  }

  /// The terms of which the named images hold one.
  static Term[] named(IndexWriter writer, Collection<ImageSelector> selectors) throws IOException {
    Set<String> hashes = new HashSet<>();
    if (selectors.stream().anyMatch(selector -> selector.kind() == ImageSelector.Kind.PHASH)) {
      forEach(
          writer,
          IndexFormat.keywordField(FilterFields.METADATA + PictureHash.KEY),
          term -> hashes.add(term.utf8ToString()));
    }
    return selectors.stream()
        .flatMap(selector -> selector.terms(hashes).stream())
        .toArray(Term[]::new);
  }

  static int images(IndexWriter writer) throws IOException {
    try (DirectoryReader reader = DirectoryReader.open(writer)) {
      return reader.numDocs();
    }
  }
}
