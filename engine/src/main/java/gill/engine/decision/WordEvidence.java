package gill.engine.decision;

/// What a request's own words say about the image that would be shown: whether they name it, and
/// what they ask for that it does not have. The named features of docs/model-bundle-format.md.
///
/// @param name how well the request names the image: words of its longest name that the request
///   says, up to 3, half a word less for a keyword; 0 if none
/// @param bestName the same of the best-named image that was found
/// @param contextName the same in the user's earlier words
/// @param overlap share of the request's content words found in the image's words
/// @param coreOverlap the same of the words that name the thing, told from the sentence around them
/// @param score BM25F of the best image for the request's words; 0 if none has a word of it
/// @param share BM25F of the image that would be shown over the best image's, in [0, 1]
/// @param contextShare the same for all of the user's words
/// @param contentWords number of content words in the request
/// @param coloursUnmet 1 if the request asks for a colour that the image does not have
/// @param countUnmet 1 if it asks for a number of things that the image does not have
/// @param groundUnmet 1 if it asks for a background that the image does not have
/// @param relation 1 if it says how things stand to each other
/// @param thingsUnmet things it names beside the one that the image shows, up to 2
/// @param followUp 1 after earlier turns
/// @param pictures 1 if the user's turn has pictures
/// @param pMatch of the image that would be shown, by all searches together
/// @param margin score of that image minus the tenth's
public record WordEvidence(
    double name,
    double bestName,
    double contextName,
    double overlap,
    double coreOverlap,
    double score,
    double share,
    double contextShare,
    double contentWords,
    double coloursUnmet,
    double countUnmet,
    double groundUnmet,
    double relation,
    double thingsUnmet,
    double followUp,
    double pictures,
    double pMatch,
    double margin) {
  /// Of a request without words for which nothing was found.
  public static final WordEvidence NONE =
      new WordEvidence(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /// A feature by its name in the bundle's manifest. Throws [IllegalArgumentException] for an
  /// unknown one.
  double feature(String feature) {
    return switch (feature) {
      case "name_said" -> name;
      case "best_name_said" -> bestName;
      case "context_name_said" -> contextName;
      case "shown_overlap" -> overlap;
      case "core_overlap" -> coreOverlap;
      case "word_score" -> Math.log1p(score);
      case "word_share" -> share;
      case "context_word_share" -> contextShare;
      case "content_words" -> Math.log1p(contentWords);
      case "colour_unmet" -> coloursUnmet;
      case "count_unmet" -> countUnmet;
      case "ground_unmet" -> groundUnmet;
      case "relation" -> relation;
      case "things_unmet" -> thingsUnmet;
      case "follow_up" -> followUp;
      case "pictures" -> pictures;
      case "shown_p_match" -> pMatch;
      case "shown_margin" -> margin;
      default -> throw new IllegalArgumentException("no decision feature is called " + feature);
    };
  }

  /// What the request asks for that the image lacks, in words; empty if nothing.
  String unmet() {
    if (coloursUnmet > 0) {
      return "it is not of the colour asked for";
    }
    if (countUnmet > 0) {
      return "it does not show so many";
    }
    if (groundUnmet > 0) {
      return "it does not stand on such a ground";
    }
    return thingsUnmet > 0 ? "it does not show all that was named" : "";
  }
}
