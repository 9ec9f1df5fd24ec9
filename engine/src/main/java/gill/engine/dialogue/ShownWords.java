package gill.engine.dialogue;

import gill.engine.decision.WordEvidence;
import gill.engine.dialogue.Fusion.Seen;
import gill.engine.dialogue.Naming.Mention;
import gill.engine.flow.ContentWords;
import gill.engine.flow.Hit;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What a request's words say about the image that would be shown.
///
/// @param asked what its words want
/// @param shown best first, at least one
/// @param seen the same images, as each search sees them
/// @param bestScore BM25F of the best image for the request's words
record ShownWords(Wish wish, Asked asked, Hits shown, List<Seen> seen, double bestScore) {
  /// The evidence looks at ten.
  private static final int DEPTH = 10;

  private static final int MOST_OTHERS = 2;

  WordEvidence evidence() {
    Hit first = shown.bestFirst().getFirst();
    Hit last = shown.bestFirst().get(Math.min(DEPTH, shown.bestFirst().size()) - 1);
    ImageRecord image = first.image();
    Seen its =
        seen.stream().filter(it -> it.image().id().equals(image.id())).findFirst().orElseThrow();
    return new WordEvidence(
        its.name(),
        seen.stream().mapToDouble(Seen::name).max().orElse(0),
        its.earlierName(),
        ContentWords.shareFound(wish.request(), image),
        ContentWords.shareFound(core(), image),
        bestScore,
        its.words(),
        its.allWords(),
        ContentWords.of(wish.request()).size(),
        number(asked.colourUnmet(image)),
        number(asked.countUnmet(image)),
        number(asked.groundUnmet(image)),
        number(asked.relation()),
        asked.relation() || Asked.lists(wish.request()) ? others(image) : 0,
        number(wish.followUp()),
        number(wish.pictures().isPresent()),
        first.pMatch(),
        first.score() - last.score());
  }

  private String core() {
    List<ImageRecord> images = shown.bestFirst().stream().map(Hit::image).toList();
    return RequestCore.of(wish.request(), images);
  }

  /// How many things the request names that are not what the image shows.
  private int others(ImageRecord image) {
    Naming request = new Naming(wish.request());
    List<Mention> mentions = new ArrayList<>();
    for (Seen other : seen) {
      Mention mention = request.of(other.image());
      if (mention.words() > 0
          && mention.caption()
          && ContentWords.shareFound(other.image().caption(), image) < 1) {
        mentions.add(mention);
      }
    }
    mentions.sort(Comparator.comparingDouble(Mention::strength).reversed());
    List<Mention> apart = new ArrayList<>(List.of(request.of(image)));
    for (Mention mention : mentions) {
      if (apart.stream().noneMatch(mention::meets)) {
        apart.add(mention);
      }
    }
    return Math.min(MOST_OTHERS, apart.size() - 1);
  }

  private static double number(boolean is) {
    return is ? 1 : 0;
  }
}
