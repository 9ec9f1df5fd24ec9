package gill.web.api;

import gill.engine.flow.SessionId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/// A request to `/v1/chat/completions`.
///
/// @param stream answer with server-sent events
/// @param kind what becomes of a streamed answer whose client leaves
/// @param messages what is said; may be empty if `fromMessage` says which message is answered again
/// @param session the conversation goes on under this name
/// @param fromMessage what was said in the session from this message on is replaced
/// @param includeUsage end the stream with a chunk that holds the usage, as OpenAI does
record ChatRequest(
    List<Draft> messages,
    TurnOptions options,
    boolean stream,
    Streams.Kind kind,
    boolean includeUsage,
    Optional<SessionId> session,
    Optional<Integer> fromMessage) {
  ChatRequest {
    messages = List.copyOf(messages);
  }

  static ChatRequest parse(byte[] body, MessageReader reader, Answerer answerer) {
    Fields fields = Fields.parse(body);
    Models.check(fields.text("model"), answerer.info().bundle());
    Optional<SessionId> session = fields.text("session_id").map(ChatRequest::session);
    boolean stream = fields.flag("stream");
    Streams.Kind kind = Streams.Kind.read(fields, stream);
    boolean includeUsage =
        fields.node("stream_options").map(ChatRequest::includeUsage).orElse(false);
    TurnOptions options = TurnOptions.forChat(fields, answerer.defaultSampling());
    fields.text("user");
    Optional<List<JsonNode>> messages = fields.array("messages");
    OptionalLong from = fields.integer("from_message", 0L, (long) Conversations.MOST_MESSAGES);
    fields.done();
    if (from.isPresent() && session.isEmpty()) {
      throw Problem.missing("session_id", "from_message needs the session_id it is about.");
    }
    Optional<Integer> fromMessage =
        from.isPresent() ? Optional.of((int) from.getAsLong()) : Optional.empty();
    if (fromMessage.isPresent() && messages.isEmpty()) {
      return new ChatRequest(List.of(), options, stream, kind, includeUsage, session, fromMessage);
    }
    List<JsonNode> nodes =
        messages.orElseThrow(() ->
            Problem.missing(
                "messages",
                "messages is missing; send [{\"role\": \"user\", \"content\": \"…\"}]."));
    return new ChatRequest(
        reader.read(nodes, "messages"), options, stream, kind, includeUsage, session, fromMessage);
  }

  private static boolean includeUsage(JsonNode node) {
    Fields options = Fields.of(node, "stream_options");
    boolean wanted = options.flag("include_usage");
    options.done();
    return wanted;
  }

  private static SessionId session(String value) {
    try {
      return new SessionId(value);
    } catch (IllegalArgumentException e) {
      throw Problem.invalid("session_id", "session_id: " + e.getMessage() + ".");
    }
  }
}
