package gill.engine.eval;

import gill.engine.eval.Judge.Sight;
import gill.engine.flow.Pixels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Whether a picture shows what was wanted, property by property.
///
/// @param shares property, e.g. `object` or `relation`, to 1 = right, 0 = wrong; `object` of
///   several things is the share of them that can be found
record Verdict(Map<String, Double> shares) {
  static final String OBJECT = "object";
  static final String OBJECT_IN_5 = "object in first 5";

  /// What a picture should show.
  ///
  /// @param probe `single`, `colour`, `count`, `relation` or `ground`
  /// @param things keys of the things; of a relation the left or upper one first
  /// @param value the colour, number, relation (`left`, `above`) or ground
  record Wanted(String probe, List<String> things, String value) {}

  static Verdict of(Pixels picture, Wanted wanted, Judge judge) {
    Pieces pieces = Pieces.of(picture);
    Map<String, Double> shares = new LinkedHashMap<>();
    switch (wanted.probe()) {
      case "relation" -> relation(picture, wanted, judge, shares);
      case "count" -> {
        Pixels first = pieces.pieces().isEmpty() ? picture : pieces.cut(pieces.pieces().getFirst());
        object(judge.look(first), wanted.things().getFirst(), shares);
        shares.put("count", share(Integer.toString(pieces.pieces().size()).equals(wanted.value())));
      }
      case "colour" -> {
        object(judge.look(pieces.whole()), wanted.things().getFirst(), shares);
        shares.put("colour", share(Colours.is(wanted.value(), picture, pieces)));
      }
      case "ground" -> {
        object(judge.look(pieces.whole()), wanted.things().getFirst(), shares);
        shares.put("ground", share(Colours.ofGround(pieces.ground()).equals(wanted.value())));
      }
      default -> object(judge.look(pieces.whole()), wanted.things().getFirst(), shares);
    }
    return new Verdict(shares);
  }

  private static void object(Sight sight, String thing, Map<String, Double> shares) {
    shares.put(OBJECT, Ranks.recallAt(1, sight.things(), List.of(thing)));
    shares.put(OBJECT_IN_5, Ranks.recallAt(5, sight.things(), List.of(thing)));
  }

  /// Both halves are looked at. A thing that is found in either half is there; the relation is
  /// right if each is among the first five of its own half.
  private static void relation(
      Pixels picture, Wanted wanted, Judge judge, Map<String, Double> shares) {
    boolean beside = wanted.value().equals("left");
    int width = picture.width();
    int height = picture.height();
    Sight first =
        half(picture, judge, 0, 0, beside ? width / 2 : width, beside ? height : height / 2);
    Sight second =
        half(picture, judge, beside ? width / 2 : 0, beside ? 0 : height / 2, width, height);
    String one = wanted.things().getFirst();
    String other = wanted.things().getLast();
    double top = 0;
    double five = 0;
    for (String thing : List.of(one, other)) {
      top += Math.max(recall(1, first, thing), recall(1, second, thing)) / 2;
      five += Math.max(recall(5, first, thing), recall(5, second, thing)) / 2;
    }
    shares.put(OBJECT, top);
    shares.put(OBJECT_IN_5, five);
    shares.put("relation", recall(5, first, one) * recall(5, second, other));
  }

  private static double recall(int k, Sight sight, String thing) {
    return Ranks.recallAt(k, sight.things(), List.of(thing));
  }

  /// The pieces of a part of the picture.
  private static Sight half(Pixels picture, Judge judge, int left, int top, int right, int bottom) {
    byte[] rgb = picture.rgb();
    int width = right - left;
    byte[] part = new byte[3 * width * (bottom - top)];
    for (int y = top; y < bottom; y++) {
      System.arraycopy(
          rgb, 3 * (y * picture.width() + left), part, 3 * (y - top) * width, 3 * width);
    }
    Pieces pieces = Pieces.of(Pixels.of(width, bottom - top, part));
    Pixels seen =
        pieces.pieces().isEmpty() ? pieces.whole() : pieces.cut(pieces.pieces().getFirst());
    return judge.look(seen);
  }

  private static double share(boolean right) {
    return right ? 1 : 0;
  }
}
