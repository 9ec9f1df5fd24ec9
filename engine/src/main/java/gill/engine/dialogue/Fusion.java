package gill.engine.dialogue;

import gill.engine.flow.Hit;
import gill.engine.flow.Hits;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.MatchCurve;
import java.util.Collection;
import java.util.Comparator;

/// Joins what several searches say about the same images into one order: the [IMG] query, which
/// reads the whole conversation; the text tower, which reads the request's words alone and names
/// bare things better; the pictures of the turn; and the words of the corpus itself, which know
/// every name. The weights were chosen on training requests ([docs/decisions.md]).
final class Fusion {
  private static final Comparator<Hit> BEST_FIRST =
      Comparator.comparingDouble(Hit::score).reversed().thenComparing(Hit::id);

  /// Of the turn's pictures beside 1 of the [IMG] query.
  private static final double PICTURES = 0.5;

  /// Added to the mean cosine for each word of a name that the request says.
  private static final double NAME = 0.1;

  /// The same for the user's earlier words.
  private static final double EARLIER_NAME = 0.02;

  /// Added for the image whose words fit a single request best; for others the share of it.
  private static final double WORDS = 0.05;

  /// The same for all that the user said, where there were earlier turns.
  private static final double ALL_WORDS = 0.2;

  /// Added for each look, a colour or a style, that is asked for and that the image has, if the
  /// same request names it: "make that purple" wants no purple heart.
  private static final double LOOK = 0.1;

  /// A request of more content words describes rather than names: what it names counts less.
  private static final double PLAIN_WORDS = 4;

  /// Logarithmic odds for each word of a name.
  private static final double NAME_ODDS = 1.5;

  private Fusion() {}

  /// An image, as each search sees it.
  ///
  /// @param img its cosine with the [IMG] query
  /// @param imgMatch p_match of that
  /// @param text its cosine with the request's words; 0 if there are none
  /// @param textMatch p_match of that
  /// @param pictures its cosine with the turn's pictures; 0 without any
  /// @param name strength of its name in the request
  /// @param earlierName the same in the user's earlier words
  /// @param words BM25F for the request over the best image's, in [0, 1]
  /// @param allWords BM25F for all that the user said over the best image's, in [0, 1]
  /// @param looks how many of the looks asked for it has
  record Seen(
      ImageRecord image,
      double img,
      double imgMatch,
      double text,
      double textMatch,
      double pictures,
      double name,
      double earlierName,
      double words,
      double allWords,
      int looks) {}

  /// How a request stands: what each search has to say depends on it.
  ///
  /// @param words whether the turn has any
  /// @param pictures whether the turn has any
  /// @param followUp whether earlier turns were
  /// @param contentWords of the turn
  record Setting(boolean words, boolean pictures, boolean followUp, int contentWords) {
    /// Of the text tower beside 1 of the [IMG] query: as much if the words are all there is, a
    /// quarter beside pictures and earlier turns, of which it knows nothing.
    double text() {
      return !words ? 0 : pictures || followUp ? 0.25 : 1;
    }

    private double picture() {
      return pictures ? PICTURES : 0;
    }

    private double plain() {
      return Math.min(1, PLAIN_WORDS / Math.max(1, contentWords));
    }
  }

  /// Best first, ties by id. A hit's score is the weighted mean of its cosines and what its words
  /// add; its `p_match` that of the cosines on the scale of their logarithmic odds, and of its
  /// name.
  static Hits of(Collection<Seen> images, Setting setting) {
    return new Hits(images.stream().map(seen -> hit(seen, setting)).sorted(BEST_FIRST).toList());
  }

  private static Hit hit(Seen seen, Setting setting) {
    double text = setting.text();
    double picture = setting.picture();
    double cosine =
        (seen.img() + text * seen.text() + picture * seen.pictures()) / (1 + text + picture);
    double words =
        setting.plain() * NAME * seen.name()
            + EARLIER_NAME * seen.earlierName()
            + (setting.followUp()
                ? ALL_WORDS * seen.allWords()
                : setting.plain() * WORDS * seen.words())
            + (seen.name() > 0 ? setting.plain() * LOOK * seen.looks() : 0);
    double odds =
        (MatchCurve.logit(seen.imgMatch()) + text * MatchCurve.logit(seen.textMatch()))
            / (1 + text);
    double match = MatchCurve.sigmoid(odds + setting.plain() * NAME_ODDS * seen.name());
    return new Hit(seen.image(), cosine + words, match);
  }
}
