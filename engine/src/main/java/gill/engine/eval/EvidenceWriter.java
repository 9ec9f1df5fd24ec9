package gill.engine.eval;

import gill.engine.dialogue.Dialogue.Looked;
import gill.engine.flow.Hit;
import gill.engine.flow.ImageId;
import gill.engine.flow.Message;
import gill.engine.flow.Message.Role;
import gill.engine.flow.PromptPart;
import gill.engine.flow.PromptPart.ImagePart;
import gill.engine.flow.PromptPart.TextPart;
import gill.engine.runtime.BundleManifest;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/// Writes what the decision head will see of labelled requests: the training of the head reads what
/// ships, not a second program that says the same.
public final class EvidenceWriter {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final int RANKED = 50;

  private final Subject subject;

  public EvidenceWriter(Subject subject) {
    this.subject = subject;
  }

  /// A text, or the id of an image of the index; the other is empty.
  record Part(String text, String image) {}

  record Said(String role, List<Part> parts) {}

  /// @param messages the user's last
  /// @param right ids that answer the request
  /// @param without ids that must not be shown
  /// @param answer `retrieve` or `generate`
  record Request(
      String use,
      String kind,
      List<Said> messages,
      List<String> right,
      List<String> without,
      String answer) {}

  /// @param features by name, all that a head may ask for
  /// @param shown the image that would be shown; empty if there is none
  /// @param rank of the first right image among those found, from 1; 0 if none is
  record Row(
      String use,
      String kind,
      String text,
      String answer,
      Map<String, Double> features,
      String shown,
      int rank,
      double pRetrieve) {}

  /// One line of evidence for each line of requests, in order. A file that is there already is gone
  /// on with.
  public void write(Path requests, Path out, Progress progress) throws IOException {
    List<Request> all =
        new Cases(requests.toAbsolutePath().resolveSibling(""), 0)
            .read(requests.getFileName().toString().replace(".jsonl", ""), Request.class);
    int done = Files.isRegularFile(out) ? Files.readAllLines(out).size() : 0;
    try (BufferedWriter lines =
        Files.newBufferedWriter(
            out,
            java.nio.file.StandardOpenOption.CREATE,
            java.nio.file.StandardOpenOption.APPEND)) {
      for (int i = done; i < all.size(); i++) {
        lines.write(MAPPER.writeValueAsString(row(all.get(i))));
        lines.newLine();
        lines.flush();
        progress.at("evidence", i + 1, all.size());
      }
    }
  }

  private Row row(Request request) {
    List<Message> messages = new ArrayList<>();
    for (Said said : request.messages()) {
      Role role = Role.valueOf(said.role().toUpperCase(Locale.ROOT));
      messages.add(new Message(role, said.parts().stream().map(this::part).toList()));
    }
    Set<ImageId> without =
        request.without().stream().map(ImageId::new).collect(Collectors.toUnmodifiableSet());
    Looked looked = subject.dialogue().look(Drawing.turn(messages, without));
    List<Hit> shown = looked.corpus().shown().bestFirst();
    Map<String, Double> features = new TreeMap<>();
    for (String name : BundleManifest.KNOWN_DECISION_FEATURES) {
      features.put(name, looked.corpus().evidence().feature(name));
    }
    return new Row(
        request.use(),
        request.kind(),
        Finders.words(messages.subList(messages.size() - 1, messages.size())),
        request.answer(),
        features,
        shown.isEmpty() ? "" : shown.getFirst().id().value(),
        rank(shown, Set.copyOf(request.right())),
        subject.stages().decider().probability(looked.span(), looked.corpus().evidence()));
  }

  private PromptPart part(Part part) {
    return part.image().isEmpty()
        ? new TextPart(part.text())
        : new ImagePart(subject.pixels(part.image()));
  }

  private static int rank(List<Hit> hits, Set<String> right) {
    for (int i = 0; i < Math.min(RANKED, hits.size()); i++) {
      if (right.contains(hits.get(i).id().value())) {
        return i + 1;
      }
    }
    return 0;
  }
}
