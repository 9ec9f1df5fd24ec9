package gill.engine.dialogue;

import gill.engine.flow.ImageRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What is to be drawn, in the shortest words that the request gives: "a blue guitar" of "We bake
/// all week. Then it was promised: a blue guitar on her invitation card. Would you?". What stands
/// for a picture ("the same in blue", "two of them") is said by that picture's name.
///
/// @param text the request itself if it names nothing that the corpus knows
/// @param named whether it does; only then are these words worth listening to
record Scene(String text, boolean named) {
  private static final String POINTING =
      "(?:the same(?: (?:thing|one))?|this(?: (?:thing|one))?|that(?: (?:thing|one))?|these|those"
          + "|it|them|the thing|the one)";
  private static final String NUMBER =
      "(?:two|three|four|five|six|seven|eight|nine|[2-9]|a pair|a couple)";
  private static final String MAKE =
      "(?:draw|paint|show|make|turn|put|place|set|colou?r|recolou?r|give|see|want|like|have|get|do)"
          + "(?: me| us)?";

  /// "two of them", "three of the same", "four more".
  private static final Pattern SEVERAL =
      Pattern.compile(
          "\\b(" + NUMBER + ")(?: of " + POINTING + "| more| such| like " + POINTING + ")\\b");

  /// "make it blue", "turn that green".
  private static final Pattern COLOURED =
      Pattern.compile("\\b(" + MAKE + ") " + POINTING + " (" + ScenePlan.COLOUR + ")\\b");

  /// "the same in blue", "draw it next to a car", "it to the left of a tree".
  private static final Pattern SAME = Pattern.compile("\\bthe same(?: (?:thing|one))?\\b");

  private static final String BEHIND =
      "(?= (?:in|on|next|beside|to|above|over|below|under|but|with|and)\\b)";
  private static final Pattern OBJECT =
      Pattern.compile(
          "\\b("
              + MAKE
              + ") "
              + POINTING
              + "(?:(?=$|[.,!?;]| (?:again|please|too)\\b)|"
              + BEHIND
              + ")");
  private static final Pattern SUBJECT = Pattern.compile("^" + POINTING + BEHIND);

  /// Where another thing is to stand: "a bird on its right", "put an owl above it".
  private static final Pattern AT_ITS =
      Pattern.compile(
          " (?:stand |be |sit |standing |sitting )?(?:(?:on|to|at) (?:its|their) (?<side>left|right)"
              + "|(?<how>above|over|on top of|below|under|underneath|beneath|next to|beside) "
              + POINTING
              + ")\\b");

  /// What a change begins with that names no thing of its own.
  private static final Pattern OPENING =
      Pattern.compile(
          "^(?:(?:and|now|then|but|please|ok|okay|again|also|maybe|what about|how about)[ ,]+)*");

  private static final Pattern PLACE =
      Pattern.compile(
          "^(?:next to|beside|to the (?:left|right) of|above|over|on top of|below|under"
              + "|underneath|beneath|together with|with an?\\b)");
  private static final Pattern COLOUR = Pattern.compile("\\b(" + ScenePlan.COLOUR + ")\\b");
  private static final Pattern COUNT = Pattern.compile("\\b(" + NUMBER + ")\\b");

  /// @param near images whose names may be said in the request, the likelier first
  /// @param shown what the request may point at: the image that was shown or given
  static Scene of(String request, Collection<ImageRecord> near, Optional<ImageRecord> shown) {
    if (shown.isPresent()) {
      List<ImageRecord> all = new ArrayList<>(near);
      all.add(shown.get());
      Optional<String> resolved = resolved(request, near, shown.get());
      if (resolved.isPresent()) {
        return found(resolved.get(), all);
      }
    }
    return found(request, near);
  }

  private static Scene found(String request, Collection<ImageRecord> images) {
    return RequestCore.find(request, images)
        .map(core -> new Scene(core, true))
        .orElseGet(() -> new Scene(request, false));
  }

  /// The caption without its colours, which the request may change.
  private static String name(ImageRecord image) {
    List<String> words =
        new ArrayList<>(List.of(image.caption().toLowerCase(Locale.ROOT).split(" ")));
    String all = String.join(" ", words);
    words.removeIf(ScenePlan.COLOURS::contains);
    return words.isEmpty() ? all : String.join(" ", words);
  }

  /// The request with the name where it points at the picture; empty if it does not.
  private static Optional<String> resolved(
      String request, Collection<ImageRecord> near, ImageRecord shown) {
    String name = name(shown);
    String text = request.toLowerCase(Locale.ROOT).strip();
    String one = withArticle(name);
    Matcher several = SEVERAL.matcher(text);
    if (several.find()) {
      return Optional.of(replaced(text, several, several(several.group(1), name)));
    }
    Matcher coloured = COLOURED.matcher(text);
    if (coloured.find()) {
      return Optional.of(
          replaced(
              text,
              coloured,
              coloured.group(1) + " " + withArticle(coloured.group(2) + " " + name)));
    }
    Optional<String> beside = beside(text, near, one);
    if (beside.isPresent()) {
      return beside;
    }
    Matcher same = SAME.matcher(text);
    if (same.find()) {
      return Optional.of(replaced(text, same, one));
    }
    Matcher object = OBJECT.matcher(text);
    if (object.find()) {
      String said = replaced(text, object, object.group(1) + " " + one);
      List<ImageRecord> all = new ArrayList<>(near);
      all.add(shown);
      boolean bare = RequestCore.find(said, all).filter(one::equals).isPresent();
      return bare ? changed(text, name).or(() -> Optional.of(said)) : Optional.of(said);
    }
    String change = OPENING.matcher(text).replaceFirst("");
    Matcher subject = SUBJECT.matcher(change);
    if (subject.find()) {
      return Optional.of(replaced(change, subject, one));
    }
    if (PLACE.matcher(change).find()) {
      return Optional.of(one + " " + change);
    }
    return RequestCore.find(request, near).isPresent() ? Optional.empty() : changed(change, name);
  }

  /// Another thing at the side of the one that is pointed at.
  private static Optional<String> beside(String text, Collection<ImageRecord> near, String one) {
    Matcher at = AT_ITS.matcher(text);
    if (!at.find()) {
      return Optional.empty();
    }
    return RequestCore.find(text.substring(0, at.start()), near)
        .map(other -> {
          if (at.group("side") != null) {
            return one
                + (at.group("side").equals("left") ? " to the right of " : " to the left of ")
                + other;
          }
          return other + " " + at.group("how") + " " + one;
        });
  }

  /// Names nothing, but a colour or a number: "and now in blue".
  private static Optional<String> changed(String change, String name) {
    Matcher count = COUNT.matcher(change);
    if (count.find()) {
      return Optional.of(several(count.group(1), name));
    }
    Matcher colour = COLOUR.matcher(change);
    return colour.find()
        ? Optional.of(withArticle(colour.group(1) + " " + name))
        : Optional.empty();
  }

  private static String withArticle(String name) {
    return ("aeiou".indexOf(name.charAt(0)) < 0 ? "a " : "an ") + name;
  }

  private static String several(String number, String name) {
    String of = number.startsWith("a ") ? number + " of" : number;
    return of + " " + Nouns.plural(name);
  }

  private static String replaced(String text, Matcher matcher, String by) {
    return text.substring(0, matcher.start()) + by + text.substring(matcher.end());
  }
}
