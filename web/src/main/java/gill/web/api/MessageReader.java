package gill.web.api;

import gill.engine.flow.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Reads messages in OpenAI's shape: content is a string or an array of `text` and `image_url`
/// parts.
final class MessageReader {
  private final ImageRefs images;
  private final Limits limits;

  MessageReader(ImageRefs images, Limits limits) {
    this.images = images;
    this.limits = limits;
  }

  /// All messages; the last is the user's and holds at least one part.
  List<Draft> read(List<JsonNode> nodes, String path) {
    if (nodes.isEmpty()) {
      throw Problem.invalid(path, path + " is empty; send at least one user message.");
    }
    if (nodes.size() > limits.messages()) {
      throw Problem.invalid(
          path,
          path
              + " holds "
              + nodes.size()
              + " messages, at most "
              + limits.messages()
              + " are read; leave out the oldest.");
    }
    List<Draft> drafts = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      String at = path + "[" + i + "]";
      Draft draft = message(Fields.of(nodes.get(i), at), at);
      boolean last = i == nodes.size() - 1;
      if (last && (draft.role() != Role.USER || draft.parts().isEmpty())) {
        throw Problem.invalid(
            at, at + " is the last message: its role must be user and its content not empty.");
      }
      if (!draft.parts().isEmpty()) {
        drafts.add(draft);
      }
    }
    check(drafts, path);
    return drafts;
  }

  /// The single user message of a lookup.
  List<Draft> prompt(String prompt, String path) {
    if (prompt.isBlank()) {
      throw Problem.invalid(path, path + " is blank; say what the image should show.");
    }
    List<Draft> drafts = List.of(new Draft(Role.USER, List.of(new Draft.Part.Text(prompt))));
    check(drafts, path);
    return drafts;
  }

  private void check(List<Draft> drafts, String path) {
    int characters = drafts.stream().mapToInt(Draft::characters).sum();
    if (characters > limits.promptCharacters()) {
      throw Problem.tooLong(path, characters, limits.promptCharacters());
    }
    int pictures = drafts.stream().mapToInt(Draft::images).sum();
    if (pictures > limits.images()) {
      throw new Problem(
          422,
          "too_many_images",
          path
              + " holds "
              + pictures
              + " images, at most "
              + limits.images()
              + " are read; leave out the oldest.",
          path);
    }
  }

  private Draft message(Fields fields, String path) {
    Role role = role(fields, path);
    List<Draft.Part> parts = new ArrayList<>();
    Optional<JsonNode> content = fields.node("content");
    if (content.isEmpty() && role != Role.ASSISTANT) {
      throw Problem.missing(
          path + ".content", path + ".content is missing; send a string or an array of parts.");
    }
    content.ifPresent(node -> content(node, path + ".content", parts));
    List<JsonNode> shown = fields.array("images").orElse(List.of());
    for (int i = 0; i < shown.size(); i++) {
      part(shown.get(i), path + ".images[" + i + "]", parts);
    }
    fields.text("name");
    fields.done();
    return new Draft(role, parts);
  }

  private static Role role(Fields fields, String path) {
    String role =
        fields
            .text("role")
            .orElseThrow(() -> Problem.missing(path + ".role", path + ".role is missing."));
    return switch (role) {
      case "system", "developer" -> Role.SYSTEM;
      case "user" -> Role.USER;
      case "assistant" -> Role.ASSISTANT;
      default ->
          throw Problem.invalid(
              path + ".role",
              path + ".role must be system, user or assistant, got " + Fields.quote(role) + ".");
    };
  }

  private void content(JsonNode content, String path, List<Draft.Part> parts) {
    if (content.isString()) {
      addText(content.stringValue(), parts);
    } else if (content.isArray()) {
      for (int i = 0; i < content.size(); i++) {
        part(content.get(i), path + "[" + i + "]", parts);
      }
    } else {
      throw Problem.wrongType(path, "a string or an array of parts", Fields.kind(content));
    }
  }

  /// A part of a message or of other content, as it was sent.
  sealed interface RawPart {
    record Text(String text) implements RawPart {}

    record Image(String url) implements RawPart {}
  }

  private void part(JsonNode node, String path, List<Draft.Part> parts) {
    switch (parsePart(node, path)) {
      case RawPart.Text(String text) -> addText(text, parts);
      case RawPart.Image(String url) ->
          parts.add(new Draft.Part.Image(images.parse(url, path + ".image_url.url")));
    }
  }

  /// Reads a `text` or `image_url` part.
  static RawPart parsePart(JsonNode node, String path) {
    Fields fields = Fields.of(node, path);
    String type =
        fields
            .text("type")
            .orElseThrow(() ->
                Problem.missing(
                    path + ".type", path + ".type is missing; it is text or image_url."));
    RawPart part =
        switch (type) {
          case "text" ->
              new RawPart.Text(
                  fields
                      .text("text")
                      .orElseThrow(
                          () -> Problem.missing(path + ".text", path + ".text is missing.")));
          case "image_url" -> {
            // An answer's part may be sent back as it came.
            fields.node("gill");
            fields.node("index");
            yield new RawPart.Image(url(fields, path));
          }
          default ->
              throw Problem.invalid(
                  path + ".type",
                  path + ".type must be text or image_url, got " + Fields.quote(type) + ".");
        };
    fields.done();
    return part;
  }

  private static String url(Fields fields, String path) {
    JsonNode holder =
        fields
            .node("image_url")
            .orElseThrow(
                () -> Problem.missing(path + ".image_url", path + ".image_url is missing."));
    if (holder.isString()) {
      return holder.stringValue();
    }
    Fields inner = Fields.of(holder, path + ".image_url");
    String url =
        inner
            .text("url")
            .orElseThrow(() ->
                Problem.missing(path + ".image_url.url", path + ".image_url.url is missing."));
    inner.text("detail");
    inner.done();
    return url;
  }

  private static void addText(String text, List<Draft.Part> parts) {
    if (!text.isBlank()) {
      parts.add(new Draft.Part.Text(text));
    }
  }
}
