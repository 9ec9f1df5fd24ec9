package gill.web.api;

import gill.engine.flow.GeneratedPicture;
import gill.engine.flow.ImageId;
import gill.engine.flow.Message.Role;
import gill.engine.flow.SessionId;
import gill.web.store.PictureStore;
import gill.web.store.Session;
import gill.web.store.SessionStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Conversations kept for clients that send a `session_id` instead of the whole history: between
/// the messages of a request and what is stored. Safe for use by many threads.
///
/// Two turns of one conversation that run at the same time both start from what was kept; the one
/// that ends last is kept.
final class Conversations {
  /// Messages a session may have.
  static final int MOST_MESSAGES = 2000;

  private final SessionStore store;
  private final Answerer answerer;
  private final ImageRefs images;
  private final Limits limits;
  private final JsonMapper json;
  private final InstantSource clock;

  Conversations(
      SessionStore store,
      Answerer answerer,
      ImageRefs images,
      Limits limits,
      JsonMapper json,
      InstantSource clock) {
    this.store = store;
    this.answerer = answerer;
    this.images = images;
    this.limits = limits;
    this.json = json;
    this.clock = clock;
  }

  /// A session and what was just said in it.
  ///
  /// @param kept what was said before
  /// @param said what the client says now; empty = the last message of `kept` is answered again
  record Talk(Session session, List<Session.Message> kept, List<Draft> said) {
    /// Where the answer will be in the session.
    int answerAt() {
      return kept.size() + said.size();
    }
  }

  SessionStore store() {
    return store;
  }

  InstantSource clock() {
    return clock;
  }

  /// The session of this id. Refuses with 404.
  Session require(String id, String owner) {
    return store
        .get(id, owner)
        .orElseThrow(() ->
            new Problem(404, "session_not_found", "There is no session " + Fields.quote(id) + "."));
  }

  /// The corpus images that a session has shown. Refuses with 404.
  Set<ImageId> shown(String id, String owner) {
    return Draft.shown(require(id, owner).messages().stream().map(this::draft).toList());
  }

  /// Goes on with a session, which begins here if it is new.
  ///
  /// @param from what was said from this message on is replaced; empty = nothing is
  Talk open(SessionId id, String owner, Optional<Integer> from, List<Draft> said) {
    if (store.taken(id.value(), owner)) {
      throw new Problem(
          403, "session_taken", "This session belongs to another key; choose another id.");
    }
    long now = clock.millis();
    Session session =
        store
            .get(id.value(), owner)
            .orElseGet(() -> new Session(id.value(), owner, "", now, now, List.of()));
    int count = from.orElse(session.messages().size());
    if (count > session.messages().size()) {
      throw Problem.invalid(
          "from_message",
          "from_message must be at most "
              + session.messages().size()
              + ", the number of messages of the session, got "
              + count
              + ".");
    }
    List<Session.Message> kept = session.first(count);
    if (kept.size() + said.size() >= MOST_MESSAGES) {
      throw new Problem(
          422,
          "session_full",
          "A session has at most " + MOST_MESSAGES + " messages; start another one.");
    }
    if (said.isEmpty() && (kept.isEmpty() || !kept.getLast().role().equals("user"))) {
      throw Problem.missing(
          "messages",
          "messages is missing, and the last message that is kept is not the user's to answer.");
    }
    return new Talk(session, kept, said);
  }

  /// What the engine reads: the newest messages that fit, oldest first.
  List<Draft> drafts(Talk talk) {
    List<Draft> earlier = talk.kept().stream().map(this::draft).toList();
    List<Draft> all = new ArrayList<>(earlier);
    while (!all.isEmpty() && tooMuch(all)) {
      all.removeFirst();
    }
    all.addAll(talk.said());
    return all.isEmpty() ? List.of(earlier.getLast()) : all;
  }

  // Half of each limit stays free for what is said next.
  private boolean tooMuch(List<Draft> messages) {
    return messages.size() > limits.messages() / 2
        || messages.stream().mapToInt(Draft::characters).sum() > limits.promptCharacters() / 2
        || messages.stream().mapToInt(Draft::images).sum() > limits.images() / 2;
  }

  /// Keeps what was said and the answer to it.
  void remember(Talk talk, Completion.Message answer) {
    List<byte[]> pictures = new ArrayList<>();
    List<Session.Message> all = new ArrayList<>(talk.kept());
    talk.said().forEach(draft -> all.add(message(draft, pictures)));
    Session.Message answered = message(answer, pictures);
    if (!answered.parts().isEmpty()) {
      all.add(answered);
    }
    store.put(talk.session().with(all, clock.millis()), pictures);
  }

  /// Puts an image in place of the first one of a message, or after its text.
  void replaceImage(Session session, int index, Views.Image image, Views.Shown shown) {
    List<byte[]> pictures = new ArrayList<>();
    Session.Part fresh = part(image, shown, pictures);
    List<Session.Part> parts = new ArrayList<>(session.messages().get(index).parts());
    int at = 0;
    while (at < parts.size() && parts.get(at).url() == null) {
      at++;
    }
    if (at < parts.size()) {
      parts.set(at, fresh);
    } else {
      parts.add(fresh);
    }
    List<Session.Message> all = new ArrayList<>(session.messages());
    all.set(index, new Session.Message(all.get(index).role(), parts));
    store.put(session.with(all, clock.millis()), pictures);
  }

  Draft draft(Session.Message message) {
    return new Draft(
        Role.valueOf(message.role().toUpperCase(Locale.ROOT)),
        message.parts().stream().map(this::part).toList());
  }

  private Draft.Part part(Session.Part part) {
    @Nullable String text = part.text();
    return text == null
        ? new Draft.Part.Image(
            images.parse(String.valueOf(part.url()), "an earlier image of the session"))
        : new Draft.Part.Text(text);
  }

  private Session.Message message(Draft draft, List<byte[]> pictures) {
    return new Session.Message(
        draft.role().name().toLowerCase(Locale.ROOT),
        draft.parts().stream().map(part -> part(part, pictures)).toList());
  }

  private Session.Part part(Draft.Part part, List<byte[]> pictures) {
    return switch (part) {
      case Draft.Part.Text(String text) -> Session.Part.text(text);
      case Draft.Part.Image(ImageRefs.Ref.Corpus(var id, _)) ->
          new Session.Part(null, ImageUrls.of(id), null, null);
      case Draft.Part.Image(ImageRefs.Ref.Generated(String sha256, _)) ->
          new Session.Part(null, ImageUrls.ofGenerated(sha256), null, png(sha256, pictures));
      case Draft.Part.Image(ImageRefs.Ref.Sent(String sha256, _)) ->
          new Session.Part(null, ImageUrls.ofSent(sha256), null, sha256);
      case Draft.Part.Image(ImageRefs.Ref.Upload(byte[] bytes, _)) -> {
        pictures.add(bytes);
        String name = PictureStore.name(bytes);
        yield new Session.Part(null, ImageUrls.ofSent(name), null, name);
      }
    };
  }

  private Session.Message message(Completion.Message answer, List<byte[]> pictures) {
    List<Session.Part> parts = new ArrayList<>();
    for (Completion.Part part : answer.parts()) {
      if (part.gill() != null && part.gill().image() != null) {
        parts.add(part(part.gill().image(), part.gill(), pictures));
      } else if (part.text() != null && !part.text().isBlank()) {
        parts.add(Session.Part.text(part.text()));
      }
    }
    return new Session.Message(answer.role(), parts);
  }

  private Session.Part part(Views.Image image, Views.Shown shown, List<byte[]> pictures) {
    return new Session.Part(
        null,
        image.url(),
        json.valueToTree(shown),
        image.kind().equals("generated") ? png(image.id(), pictures) : null);
  }

  // A generated picture leaves the engine's cache; the session keeps it.
  private String png(String sha256, List<byte[]> pictures) {
    answerer.generated(sha256).map(GeneratedPicture::png).ifPresent(pictures::add);
    return sha256;
  }
}
