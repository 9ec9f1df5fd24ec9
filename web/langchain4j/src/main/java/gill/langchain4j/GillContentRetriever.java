package gill.langchain4j;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.ContentMetadata;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.rag.query.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// LangChain4j's content retriever over the corpus of a GILL server. A content's text is the
/// image's caption; the image itself is in its metadata: `url` (a whole address), `id`, `source`,
/// `author`, `licence`, `p_match` (how likely it shows what was asked for). LangChain4j's score is
/// the hit's.
///
/// Safe for use by many threads.
public final class GillContentRetriever implements ContentRetriever {
  private static final int USUAL = 5;

  private final GillServer server;
  private final int maxResults;
  private final double minPMatch;

  private GillContentRetriever(GillServer server, int maxResults, double minPMatch) {
    this.server = server;
    this.maxResults = maxResults;
    this.minPMatch = minPMatch;
  }

  public static GillContentRetriever of(GillServer server) {
    return new GillContentRetriever(server, USUAL, 0);
  }

  /// At most so many (5 unless told otherwise).
  public GillContentRetriever withMaxResults(int newMaxResults) {
    return new GillContentRetriever(server, newMaxResults, minPMatch);
  }

  /// Only images that show what was asked for with at least this probability.
  public GillContentRetriever withMinPMatch(double newMinPMatch) {
    return new GillContentRetriever(server, maxResults, newMinPMatch);
  }

  /// The nearest images, best first. Throws what [GillServer] throws.
  @Override
  public List<Content> retrieve(Query query) {
    JsonNode answer =
        server.post(
            "v1/search",
            Map.of("text", query.text(), "limit", maxResults, "min_p_match", minPMatch));
    List<Content> contents = new ArrayList<>();
    for (JsonNode hit : answer.path("hits")) {
      contents.add(content(hit));
    }
    return contents;
  }

  private Content content(JsonNode hit) {
    String caption = hit.path("caption").asText();
    String id = hit.path("id").asText();
    return Content.from(
        TextSegment.from(
            caption.isBlank() ? id : caption, Metadata.from(Provenance.of(hit, server))),
        Map.of(
            ContentMetadata.SCORE, hit.path("score").asDouble(), ContentMetadata.EMBEDDING_ID, id));
  }
}
