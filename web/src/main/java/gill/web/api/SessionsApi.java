package gill.web.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import gill.web.store.Session;
import gill.web.store.SessionStore;
import io.javalin.http.Context;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// `/v1/sessions`: the conversations that `/v1/chat/completions` keeps under a `session_id`. Each
/// belongs to the key it was begun with.
final class SessionsApi {
  private static final int MOST_LISTED = 200;
  private static final int MOST_TITLE = 200;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Service service;
  private final Conversations conversations;

  SessionsApi(Service service) {
    this.service = service;
    this.conversations = service.conversations();
  }

  /// @param messages how many there are
  record Head(String sessionId, String title, long created, long updated, int messages) {
    static Head of(SessionStore.Head it) {
      return new Head(it.id(), it.title(), it.created() / 1000, it.updated() / 1000, it.messages());
    }

    static Head of(Session it) {
      return new Head(
          it.id(), it.title(), it.created() / 1000, it.updated() / 1000, it.messages().size());
    }
  }

  /// @param total of all sessions of the caller
  record Listing(List<Head> sessions, int total) {}

  @JsonInclude(Include.NON_NULL)
  record Part(
      String type,
      @Nullable String text,
      Completion.@Nullable ImageUrl imageUrl,
      @Nullable JsonNode gill) {
    static Part of(Session.Part it) {
      return it.text() != null
          ? new Part("text", it.text(), null, null)
          : new Part(
              "image_url", null, new Completion.ImageUrl(String.valueOf(it.url())), it.gill());
    }
  }

  record Message(String role, List<Part> content) {}

  /// A whole session; its messages can be sent to `/v1/chat/completions` as they are.
  record Whole(String sessionId, String title, long created, long updated, List<Message> messages) {
    static Whole of(Session it) {
      return new Whole(
          it.id(),
          it.title(),
          it.created() / 1000,
          it.updated() / 1000,
          it.messages().stream()
              .map(message ->
                  new Message(message.role(), message.parts().stream().map(Part::of).toList()))
              .toList());
    }
  }

  void list(Context ctx) {
    Query query = new Query(ctx, "skip", "limit");
    int skip = (int) query.integer("skip", 0, Integer.MAX_VALUE, 0);
    int limit = (int) query.integer("limit", 1, MOST_LISTED, 50);
    List<SessionStore.Head> all = conversations.store().list(Guard.owner(ctx));
    ctx.json(new Listing(all.stream().skip(skip).limit(limit).map(Head::of).toList(), all.size()));
  }

  void get(Context ctx) {
    ctx.json(Whole.of(session(ctx)));
  }

  void rename(Context ctx) {
    Session session = session(ctx);
    Fields fields = Fields.parse(Bodies.json(ctx, service.limits()));
    String title =
        fields
            .text("title")
            .orElseThrow(() -> Problem.missing("title", "title is missing; send a string."))
            .strip();
    fields.done();
    if (title.isEmpty() || title.length() > MOST_TITLE) {
      throw Problem.invalid("title", "title must have 1 to " + MOST_TITLE + " characters.");
    }
    Session renamed = session.titled(title, service.clock().millis());
    conversations.store().put(renamed, List.of());
    ctx.json(Head.of(renamed));
  }

  void delete(Context ctx) {
    conversations.store().delete(session(ctx).id());
    ctx.status(204);
  }

  /// A copy of a session's first messages under an id of its own.
  void fork(Context ctx) {
    Session session = session(ctx);
    Fields fields = Fields.parse(Bodies.json(ctx, service.limits()));
    int count = fields.integer("messages", 1, Integer.MAX_VALUE, session.messages().size());
    fields.done();
    byte[] random = new byte[16];
    RANDOM.nextBytes(random);
    long now = service.clock().millis();
    Session copy =
        new Session(
            HexFormat.of().formatHex(random),
            session.owner(),
            session.title(),
            now,
            now,
            session.first(count));
    conversations.store().put(copy, List.of());
    ctx.status(201).json(Head.of(copy));
  }

  /// Another image for an answer, whose text stays.
  void image(Context ctx) {
    Session session = session(ctx);
    int index = index(ctx, session);
    Fields fields = Fields.parse(Bodies.json(ctx, service.limits()));
    TurnOptions options = TurnOptions.forLookup(fields);
    fields.done();
    List<Draft> drafts =
        conversations.drafts(new Conversations.Talk(session, session.first(index), List.of()));
    service
        .lookup(ctx, options, drafts)
        .ifPresent(answer -> {
          if (answer.image() != null) {
            conversations.replaceImage(session, index, answer.image(), answer.shown());
          }
          ctx.json(answer);
        });
  }

  private static int index(Context ctx, Session session) {
    Optional<Integer> index =
        ctx.pathParam("index").matches("[0-9]{1,6}")
            ? Optional.of(Integer.parseInt(ctx.pathParam("index")))
            : Optional.empty();
    return index
        .filter(it -> it > 0 && it < session.messages().size())
        .filter(it -> session.messages().get(it).role().equals("assistant"))
        .filter(it -> session.messages().get(it - 1).role().equals("user"))
        .orElseThrow(() ->
            new Problem(
                404,
                "message_not_found",
                "The session has no answer at " + Fields.quote(ctx.pathParam("index")) + "."));
  }

  private Session session(Context ctx) {
    return conversations.require(ctx.pathParam("id"), Guard.owner(ctx));
  }
}
