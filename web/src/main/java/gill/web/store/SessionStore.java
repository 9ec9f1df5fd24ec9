package gill.web.store;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.h2.mvstore.MVMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Conversations on disk; a change is there when the method returns. The longest unused go when
/// there are more than `most`. Safe for use by many threads.
public final class SessionStore {
  private final State state;
  private final MVMap<String, String> sessions;
  private final MVMap<String, String> heads;
  private final JsonMapper json;
  private final int most;

  /// What a list shows of a session.
  ///
  /// @param pictures names of the pictures it needs
  public record Head(
      String id,
      String owner,
      String title,
      long created,
      long updated,
      int messages,
      List<String> pictures) {
    static Head of(Session it) {
      return new Head(
          it.id(),
          it.owner(),
          it.title(),
          it.created(),
          it.updated(),
          it.messages().size(),
          it.pictures());
    }
  }

  public SessionStore(State state, JsonMapper json, int most) {
    this.state = state;
    this.sessions = state.map("sessions");
    this.heads = state.map("session-heads");
    this.json = json;
    this.most = most;
  }

  /// The session of this id, if it belongs to `owner`.
  public Optional<Session> get(String id, String owner) {
    return Optional.ofNullable(sessions.get(id))
        .map(text -> json.readValue(text, Session.class))
        .filter(session -> session.owner().equals(owner));
  }

  /// Whether the id is another owner's.
  public boolean taken(String id, String owner) {
    @Nullable String head = heads.get(id);
    return head != null && !json.readValue(head, Head.class).owner().equals(owner);
  }

  /// Keeps a session in place of what has its id.
  ///
  /// @param pictures those of its pictures that may not be kept yet
  public synchronized void put(Session session, List<byte[]> pictures) {
    pictures.forEach(state.pictures()::put);
    Set<String> before = picturesOf(session.id());
    sessions.put(session.id(), json.writeValueAsString(session));
    heads.put(session.id(), json.writeValueAsString(Head.of(session)));
    before.removeAll(session.pictures());
    drop(before);
    while (heads.size() > most) {
      remove(oldest());
    }
    state.commit();
  }

  /// The sessions of an owner, last changed first.
  public List<Head> list(String owner) {
    return all().stream()
        .filter(head -> head.owner().equals(owner))
        .sorted(Comparator.comparingLong(Head::updated).reversed().thenComparing(Head::id))
        .toList();
  }

  /// Forgets a session and the pictures no other one needs.
  public synchronized void delete(String id) {
    remove(id);
    state.commit();
  }

  private void remove(String id) {
    Set<String> pictures = picturesOf(id);
    sessions.remove(id);
    heads.remove(id);
    drop(pictures);
  }

  private Set<String> picturesOf(String id) {
    @Nullable String head = heads.get(id);
    return head == null
        ? new HashSet<>()
        : new HashSet<>(json.readValue(head, Head.class).pictures());
  }

  // Only what no session needs any more.
  private void drop(Set<String> pictures) {
    if (!pictures.isEmpty()) {
      all().forEach(head -> pictures.removeAll(head.pictures()));
      pictures.forEach(state.pictures()::delete);
    }
  }

  private String oldest() {
    return all().stream().min(Comparator.comparingLong(Head::updated)).orElseThrow().id();
  }

  private List<Head> all() {
    return heads.values().stream().map(text -> json.readValue(text, Head.class)).toList();
  }
}
