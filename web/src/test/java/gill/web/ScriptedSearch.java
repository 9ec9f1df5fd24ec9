package gill.web;

import gill.engine.flow.Filter;
import gill.engine.flow.Hit;
import gill.engine.flow.QueryPart;
import gill.engine.flow.SearchAnswer;
import gill.engine.flow.SearchRequest;
import gill.engine.flow.SearchRequest.Detail;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// How [ScriptedEngine] searches: every picture it has is a hit, of the sources that the filter
/// names. Words with `many` in them find them again and again, 110 in all, in pages.
final class ScriptedSearch {
  private static final int MANY = 110;

  private ScriptedSearch() {}

  static SearchAnswer answer(SearchRequest request, List<Hit> all) {
    List<Hit> hits = all.stream().filter(hit -> matches(request.filter(), hit)).toList();
    int total = many(request) && !hits.isEmpty() ? MANY : hits.size();
    int from = request.page().cursor().isEmpty() ? 0 : Integer.parseInt(request.page().cursor());
    int to = Math.min(total, from + request.page().limit());
    return new SearchAnswer(
        IntStream.range(from, to)
            .mapToObj(i -> found(hits.get(i % hits.size()), i + 1, request))
            .toList(),
        to < total ? Integer.toString(to) : "",
        facets(request, all),
        true);
  }

  private static boolean many(SearchRequest request) {
    return request.parts().getFirst() instanceof QueryPart.Words words
        && words.text().contains("many");
  }

  private static boolean matches(Filter filter, Hit hit) {
    return !(filter instanceof Filter.In in)
        || !in.field().equals("source")
        || in.values().contains(hit.image().source());
  }

  private static SearchAnswer.Found found(Hit hit, int rank, SearchRequest request) {
    SearchAnswer.Explanation why =
        new SearchAnswer.Explanation(
            hit.score(),
            List.of(hit.score()),
            0.01,
            0.09,
            5.1,
            6.5,
            Map.of("caption", 6.5),
            rank,
            2);
    return new SearchAnswer.Found(
        hit.image(),
        hit.score(),
        hit.pMatch(),
        List.of(),
        request.detail() == Detail.EXPLAINED ? List.of(why) : List.of());
  }

  private static Map<String, List<SearchAnswer.ValueCount>> facets(
      SearchRequest request, List<Hit> all) {
    if (!request.facets().contains("source")) {
      return Map.of();
    }
    Map<String, Long> counts =
        all.stream()
            .map(hit -> hit.image().source())
            .collect(
                Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
    return Map.of(
        "source",
        counts.entrySet().stream()
            .map(it -> new SearchAnswer.ValueCount(it.getKey(), it.getValue().intValue()))
            .toList());
  }
}
