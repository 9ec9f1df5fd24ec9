package gill.web.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A conversation as it is kept.
///
/// @param owner name of the key it belongs to; empty where none was asked for
/// @param created Unix milliseconds
/// @param updated Unix milliseconds of the last change
public record Session(
    String id, String owner, String title, long created, long updated, List<Message> messages) {
  private static final int TITLE = 80;

  /// @param role `system`, `user` or `assistant`
  public record Message(String role, List<Part> parts) {
    public Message {
      parts = List.copyOf(parts);
    }
  }

  /// A text, or an image by its address on this server.
  ///
  /// @param gill where the image comes from and why it was chosen; absent = the user sent it
  /// @param picture name of the kept picture, if the image is no corpus image
  public record Part(
      @Nullable String text,
      @Nullable String url,
      @Nullable JsonNode gill,
      @Nullable String picture) {
    public static Part text(String text) {
      return new Part(text, null, null, null);
    }
  }

  public Session {
    messages = List.copyOf(messages);
  }

  /// The first `count` messages.
  public List<Message> first(int count) {
    return messages.subList(0, Math.min(count, messages.size()));
  }

  public Session with(List<Message> said, long now) {
    String named = title.isEmpty() ? titleOf(said) : title;
    return new Session(id, owner, named, created, now, said);
  }

  public Session titled(String title, long now) {
    return new Session(id, owner, title, created, now, messages);
  }

  List<String> pictures() {
    List<String> names = new ArrayList<>();
    for (Message message : messages) {
      for (Part part : message.parts()) {
        if (part.picture() != null) {
          names.add(part.picture());
        }
      }
    }
    return names.stream().distinct().toList();
  }

  private static String titleOf(List<Message> said) {
    return said.stream()
        .filter(message -> message.role().equals("user"))
        .flatMap(message -> message.parts().stream())
        .flatMap(part -> Optional.ofNullable(part.text()).stream())
        .map(text -> text.strip().replaceAll("\\s+", " "))
        .filter(text -> !text.isEmpty())
        .map(text -> text.length() > TITLE ? text.substring(0, TITLE - 1) + "…" : text)
        .findFirst()
        .orElse("");
  }
}
