package gill.web.api;

import io.javalin.http.Context;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The query parameters of a request, read as strictly as the fields of a body.
final class Query {
  private final Context ctx;

  /// Refuses parameters that are not among `known`.
  Query(Context ctx, String... known) {
    this.ctx = ctx;
    for (String name : new TreeSet<>(ctx.queryParamMap().keySet())) {
      if (!List.of(known).contains(name)) {
        throw new Problem(
            400,
            "unknown_field",
            "Unknown parameter "
                + Fields.quote(name)
                + "; known here: "
                + String.join(", ", known)
                + ".",
            name);
      }
    }
  }

  long integer(String name, long least, long most, long otherwise) {
    @Nullable String text = ctx.queryParam(name);
    if (text == null) {
      return otherwise;
    }
    long value;
    try {
      value = Long.parseLong(text);
    } catch (NumberFormatException _) {
      throw Problem.invalid(
          name, name + " must be a whole number, got " + Fields.quote(text) + ".");
    }
    if (value < least || value > most) {
      throw Problem.invalid(
          name, name + " must be in the range " + least + " to " + most + ", got " + value + ".");
    }
    return value;
  }

  /// A text; empty if it was not sent.
  String text(String name) {
    @Nullable String text = ctx.queryParam(name);
    return text == null ? "" : text;
  }
}
