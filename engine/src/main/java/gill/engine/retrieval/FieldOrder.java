package gill.engine.retrieval;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.SortKey;
import gill.engine.flow.SortKey.Direction;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// The order that [SortKey]s ask for; what they leave open is by score, then id.
final class FieldOrder {
  /// A field's value: a number before any text.
  private record Value(boolean isNumber, double number, String text) implements Comparable<Value> {
    @Override
    public int compareTo(Value other) {
      if (isNumber != other.isNumber) {
        return isNumber ? -1 : 1;
      }
      return isNumber
          ? Double.compare(number, other.number)
          : FilterFields.compare(text, other.text);
    }
  }

  private FieldOrder() {}

  /// @param images of the candidates
  static Comparator<Candidate> of(List<SortKey> keys, Map<ImageId, ImageRecord> images) {
    Comparator<Candidate> order = (_, _) -> 0;
    for (SortKey key : keys) {
      order = order.thenComparing(of(key, images));
    }
    return order.thenComparing(Candidate.ORDER);
  }

  private static Comparator<Candidate> of(SortKey key, Map<ImageId, ImageRecord> images) {
    Comparator<Value> values =
        key.direction() == Direction.ASC ? Comparator.naturalOrder() : Comparator.reverseOrder();
    return (one, other) -> {
      Optional<Value> left = value(one, key, values, images);
      Optional<Value> right = value(other, key, values, images);
      if (left.isEmpty() || right.isEmpty()) {
        return Boolean.compare(left.isEmpty(), right.isEmpty());
      }
      return values.compare(left.get(), right.get());
    };
  }

  private static Optional<Value> value(
      Candidate it, SortKey key, Comparator<Value> values, Map<ImageId, ImageRecord> images) {
    if (key.field().equals(SortKey.SCORE)) {
      return Optional.of(new Value(true, it.score(), ""));
    }
    ImageRecord image = images.get(it.id());
    if (image == null) {
      return Optional.empty();
    }
    OptionalDouble number = FilterFields.number(image, key.field());
    return number.isPresent()
        ? Optional.of(new Value(true, number.getAsDouble(), ""))
        : FilterFields.texts(image, key.field()).stream()
            .map(text -> new Value(false, 0, text))
            .min(values);
  }
}
