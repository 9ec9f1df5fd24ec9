package gill.engine.retrieval.solr;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.solr.client.solrj.response.json.BucketJsonFacet;
import org.apache.solr.client.solrj.response.json.NestableJsonFacet;
import org.apache.solr.common.params.ModifiableSolrParams;
import org.apache.solr.common.util.Utils;

/// Counts over all images of a collection.
final class SolrFacets {
  private SolrFacets() {}

  /// The values of a field among the images of `question`, all of them.
  ///
  /// @param prefix of the values
  static List<BucketJsonFacet> values(
      SolrCalls calls, ModifiableSolrParams question, String field, String prefix) {
    Map<String, Object> facet = new LinkedHashMap<>();
    facet.put("type", "terms");
    facet.put("field", field);
    facet.put("limit", -1);
    if (!prefix.isEmpty()) {
      facet.put("prefix", prefix);
    }
    var buckets = ask(calls, question, Map.of("values", facet)).getBucketBasedFacets("values");
    return buckets == null ? List.of() : buckets.getBuckets();
  }

  /// The sum of each field over all images.
  static List<Long> sums(SolrCalls calls, List<String> fields) {
    Map<String, Object> facets = new LinkedHashMap<>();
    for (int i = 0; i < fields.size(); i++) {
      facets.put("s" + i, "sum(field(" + FilterParams.quoted(fields.get(i)) + "))");
    }
    NestableJsonFacet answer = ask(calls, SolrFacts.all(), facets);
    List<Long> sums = new ArrayList<>();
    for (int i = 0; i < fields.size(); i++) {
      sums.add(
          answer.getStatValue("s" + i) instanceof Number sum ? Math.round(sum.doubleValue()) : 0);
    }
    return sums;
  }

  /// How many images each query matches.
  static List<Long> counts(SolrCalls calls, List<String> queries) {
    Map<String, Object> facets = new LinkedHashMap<>();
    for (int i = 0; i < queries.size(); i++) {
      facets.put("q" + i, Map.of("type", "query", "q", queries.get(i)));
    }
    NestableJsonFacet answer = ask(calls, SolrFacts.all(), facets);
    List<Long> counts = new ArrayList<>();
    for (int i = 0; i < queries.size(); i++) {
      counts.add(Objects.requireNonNull(answer.getQueryFacet("q" + i)).getCount());
    }
    return counts;
  }

  private static NestableJsonFacet ask(
      SolrCalls calls, ModifiableSolrParams question, Map<String, Object> facets) {
    question.set("rows", 0);
    question.set("json.facet", Utils.toJSONString(facets));
    return calls.query(question).getJsonFacetingResponse();
  }
}
