package gill.engine.flow;

import java.util.List;

/// Which images may be found, by what is known of them. Fields: `id`, `source`, `licence`,
/// `author`, `style`, `group`, `colour`, `language`, `keyword`, `sha256`, `width`, `height` and
/// `metadata.<key>`. Values compare exactly, upper and lower case apart.
public sealed interface Filter {
  /// Every image.
  Filter ALL = new And(List.of());

  /// The field holds one of these values.
  record In(String field, List<String> values) implements Filter {
    public In {
      values = values.stream().distinct().sorted().toList();
    }

    public static In of(String field, String... values) {
      return new In(field, List.of(values));
    }
  }

  /// The field holds a number from `from` to `to`, both included; infinite = open.
  record Between(String field, double from, double to) implements Filter {
    public Between {
      if (!(from <= to)) {
        throw new IllegalArgumentException(
            "the range of '" + field + "' must not end before it begins: " + from + " to " + to);
      }
    }
  }

  /// The field holds a text from `from` to `to` in the order of code points, both included; empty =
  /// open. Dates such as 2024-05-01 are in order so.
  record TextBetween(String field, String from, String to) implements Filter {
    public TextBetween {
      if (!to.isEmpty() && from.compareTo(to) > 0) {
        throw new IllegalArgumentException(
            "the range of '" + field + "' must not end before it begins: " + from + " to " + to);
      }
    }
  }

  /// All of them hold; of none, every image.
  record And(List<Filter> filters) implements Filter {
    public And {
      filters = List.copyOf(filters);
    }
  }

  /// At least one of them holds; of none, no image.
  record Or(List<Filter> filters) implements Filter {
    public Or {
      filters = List.copyOf(filters);
    }
  }

  record Not(Filter filter) implements Filter {}
}
