package gill.web.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// What a reader thought of an image that was shown: a label for training the decision anew.
///
/// @param event `kept`, `switched` (the other one was the better) or `wrong` (neither)
/// @param prompt what was asked for
/// @param shown `retrieved` or `generated`
/// @param image its id, or the SHA-256 of a generated one
/// @param other the one switched to
/// @param pRetrieve what the decision head had said
@JsonInclude(Include.NON_NULL)
record Feedback(
    String event,
    String prompt,
    String shown,
    String image,
    @Nullable String other,
    @Nullable Double pRetrieve) {
  private static final int MOST_CHARACTERS = 2000;
  private static final int MOST_ID = 512;

  /// The kinds of feedback.
  enum Event {
    KEPT,
    SWITCHED,
    WRONG
  }

  /// Where the shown image came from.
  enum Kind {
    RETRIEVED,
    GENERATED
  }

  static Feedback parse(byte[] body) {
    Fields fields = Fields.parse(body);
    String event = lower(required(fields, "event", Event.class));
    String prompt = text(fields, "prompt", MOST_CHARACTERS).orElseThrow(() -> missing("prompt"));
    String shown = lower(required(fields, "shown", Kind.class));
    String image = text(fields, "image", MOST_ID).orElseThrow(() -> missing("image"));
    Optional<String> other = text(fields, "other", MOST_ID);
    OptionalDouble pRetrieve = fields.number("p_retrieve", 0, 1);
    fields.done();
    return new Feedback(
        event,
        prompt,
        shown,
        image,
        other.orElse(null),
        pRetrieve.isPresent() ? pRetrieve.getAsDouble() : null);
  }

  /// The generated picture that the reader wants rather than what else there was.
  Optional<String> accepted() {
    return switch (event) {
      case "kept" -> shown.equals("generated") ? Optional.of(image) : Optional.empty();
      case "switched" -> shown.equals("retrieved") ? Optional.ofNullable(other) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static <E extends Enum<E>> E required(Fields fields, String name, Class<E> type) {
    if (fields.node(name).isEmpty()) {
      throw missing(name);
    }
    return fields.choice(name, type, type.getEnumConstants()[0]);
  }

  private static Optional<String> text(Fields fields, String name, int most) {
    Optional<String> text = fields.text(name);
    if (text.isPresent() && text.get().length() > most) {
      throw Problem.tooLong(name, text.get().length(), most);
    }
    return text;
  }

  private static Problem missing(String name) {
    return Problem.missing(
        name, name + " is missing; feedback holds event, prompt, shown and image at least.");
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
