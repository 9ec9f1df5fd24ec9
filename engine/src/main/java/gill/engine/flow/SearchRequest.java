package gill.engine.flow;

import java.util.List;
import java.util.Set;

/// A search of the corpus.
///
/// @param parts 1 to 64, at least one of them positive
/// @param language BCP 47 tag of the query's texts, for ranking by words; empty = any language
/// @param excluded ids that must not be returned
/// @param sort the best `window` images by score in this order; empty = by score
/// @param facets fields whose values are counted over all images that pass the filter
public record SearchRequest(
    List<QueryPart> parts,
    Ranking ranking,
    String language,
    Filter filter,
    Set<ImageId> excluded,
    Variety variety,
    List<SortKey> sort,
    Page page,
    List<String> facets,
    Detail detail,
    Effort effort) {
  /// Whether hits say what made their score.
  public enum Detail {
    PLAIN,
    EXPLAINED
  }

  /// How unlike each other the hits shall be.
  ///
  /// @param diversity 0 = by score alone; towards 1 an image loses by its likeness to those above
  ///   it (maximal marginal relevance, Carbonell and Goldstein 1998)
  /// @param sameFrom an image whose cosine with one above it is at least this is not listed but
  ///   named there; 0.5 to 1, or [#NEVER_SAME]
  public record Variety(double diversity, double sameFrom) {
    public static final double NEVER_SAME = 2;
    public static final Variety NONE = new Variety(0, NEVER_SAME);

    public Variety {
      if (!(diversity >= 0 && diversity < 1)) {
        throw new IllegalArgumentException("diversity must be in [0, 1), got " + diversity);
      }
      if (!(sameFrom >= 0.5 && sameFrom <= 1) && sameFrom != NEVER_SAME) {
        throw new IllegalArgumentException("the likeness must be in [0.5, 1], got " + sameFrom);
      }
    }
  }

  /// The part of the ranking that is wanted.
  ///
  /// @param limit hits of this page, 1 to the window
  /// @param window the best so many images are ranked, 1 to 10000; pages end there
  /// @param cursor of the page before, as the answer gave it; empty = the first page
  /// @param minPMatch images of a lower `p_match` are left out of the window, in [0, 1]
  public record Page(int limit, int window, String cursor, double minPMatch) {
    public static final int USUAL_WINDOW = 200;

    /// Without a cut-off.
    public Page(int limit, int window, String cursor) {
      this(limit, window, cursor, 0);
    }

    public Page {
      if (window < 1 || window > 10_000) {
        throw new IllegalArgumentException("window must be in [1, 10000], got " + window);
      }
      if (limit < 1 || limit > window) {
        throw new IllegalArgumentException(
            "limit must be in [1, " + window + "] (the window), got " + limit);
      }
      if (!(minPMatch >= 0 && minPMatch <= 1)) {
        throw new IllegalArgumentException("min_p_match must be in [0, 1], got " + minPMatch);
      }
    }

    /// The first so many.
    public static Page first(int limit) {
      return new Page(limit, Math.max(USUAL_WINDOW, limit), "");
    }

    public Page likelyFrom(double pMatch) {
      return new Page(limit, window, cursor, pMatch);
    }
  }

  public SearchRequest {
    parts = List.copyOf(parts);
    excluded = Set.copyOf(excluded);
    sort = List.copyOf(sort);
    facets = List.copyOf(facets);
    if (parts.isEmpty() || parts.size() > 64) {
      throw new IllegalArgumentException("a query has 1 to 64 parts, got " + parts.size());
    }
    if (!sort.isEmpty() && variety.diversity() > 0) {
      throw new IllegalArgumentException(
          "sort and diversity both put the hits in order; give one of them");
    }
    if (parts.stream().noneMatch(part -> part.weight() > 0)) {
      throw new IllegalArgumentException(
          "all weights are negative; say with a positive one what to look for");
    }
  }

  /// As a request that says no more than this is read: ranked as [Ranking#usual] says, any
  /// language, all images.
  public SearchRequest(List<QueryPart> parts, int limit) {
    this(
        parts,
        Ranking.usual(parts),
        "",
        Filter.ALL,
        Set.of(),
        Variety.NONE,
        List.of(),
        Page.first(limit),
        List.of(),
        Detail.PLAIN,
        Effort.USUAL);
  }

  public SearchRequest with(Ranking other) {
    return new SearchRequest(
        parts, other, language, filter, excluded, variety, sort, page, facets, detail, effort);
  }

  public SearchRequest in(String tag) {
    return new SearchRequest(
        parts, ranking, tag, filter, excluded, variety, sort, page, facets, detail, effort);
  }

  public SearchRequest with(Filter other) {
    return new SearchRequest(
        parts, ranking, language, other, excluded, variety, sort, page, facets, detail, effort);
  }

  public SearchRequest with(Variety other) {
    return new SearchRequest(
        parts, ranking, language, filter, excluded, other, sort, page, facets, detail, effort);
  }

  public SearchRequest sorted(List<SortKey> keys) {
    return new SearchRequest(
        parts, ranking, language, filter, excluded, variety, keys, page, facets, detail, effort);
  }

  public SearchRequest with(Page other) {
    return new SearchRequest(
        parts, ranking, language, filter, excluded, variety, sort, other, facets, detail, effort);
  }

  public SearchRequest with(Detail other) {
    return new SearchRequest(
        parts, ranking, language, filter, excluded, variety, sort, page, facets, other, effort);
  }

  public SearchRequest without(Set<ImageId> other) {
    return new SearchRequest(
        parts, ranking, language, filter, other, variety, sort, page, facets, detail, effort);
  }

  public SearchRequest counting(List<String> fields) {
    return new SearchRequest(
        parts, ranking, language, filter, excluded, variety, sort, page, fields, detail, effort);
  }

  public SearchRequest with(Effort other) {
    return new SearchRequest(
        parts, ranking, language, filter, excluded, variety, sort, page, facets, detail, other);
  }
}
