package gill.engine.flow;

import java.util.List;

/// One thing a search looks for, or, with a negative weight, wants to be far from.
public sealed interface QueryPart {
  /// Not 0, within [-100, 100]; only the proportions between the parts of a query matter.
  double weight();

  /// Text, read by the CLIP text tower; positive text is looked up by words too, where the ranking
  /// asks for that.
  record Words(String text, double weight) implements QueryPart {
    public Words {
      requireWeight(weight);
      if (text.isBlank()) {
        throw new IllegalArgumentException("text is blank; say what to look for");
      }
    }
  }

  /// A picture of any size.
  record Picture(Pixels pixels, double weight) implements QueryPart {
    public Picture {
      requireWeight(weight);
    }
  }

  /// An image of the index, which is not itself among the hits.
  record Stored(ImageId id, double weight) implements QueryPart {
    public Stored {
      requireWeight(weight);
    }
  }

  /// A direction in the index's CLIP space.
  record Direction(UnitVector vector, double weight) implements QueryPart {
    public Direction {
      requireWeight(weight);
    }
  }

  /// What the last of these messages asks to see, in the light of those before: GILL's [IMG] query,
  /// compared in the index's GILL space (paper §3.2). It is not looked up by words.
  ///
  /// @param messages oldest first, at least one; the last holds text or a picture
  record Asked(List<Message> messages, double weight) implements QueryPart {
    public Asked {
      requireWeight(weight);
      messages = List.copyOf(messages);
      if (messages.isEmpty() || messages.getLast().parts().isEmpty()) {
        throw new IllegalArgumentException("nothing is asked; send at least one message");
      }
    }
  }

  private static void requireWeight(double weight) {
    if (!(Math.abs(weight) <= 100) || weight == 0) {
      throw new IllegalArgumentException(
          "a weight must be in [-100, 100] and not 0, got " + weight);
    }
  }
}
