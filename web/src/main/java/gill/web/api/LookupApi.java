package gill.web.api;

import io.javalin.http.Context;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// `POST /v1/lookup`: one image for a prompt, in one forward pass.
final class LookupApi {
  private final Service service;
  private final MessageReader reader;

  LookupApi(Service service) {
    this.service = service;
    this.reader = new MessageReader(service.images(), service.limits());
  }

  void handle(Context ctx) {
    Fields fields = Fields.parse(Bodies.json(ctx, service.limits()));
    Models.check(fields.text("model"), service.answerer().info().bundle());
    Optional<String> prompt = fields.text("prompt");
    Optional<List<JsonNode>> messages = fields.array("messages");
    TurnOptions options = TurnOptions.forLookup(fields);
    fields.done();
    List<Draft> drafts = drafts(prompt, messages);
    service.lookup(ctx, options, drafts).ifPresent(ctx::json);
  }

  private List<Draft> drafts(Optional<String> prompt, Optional<List<JsonNode>> messages) {
    if (prompt.isPresent() == messages.isPresent()) {
      throw Problem.missing(
          "prompt", "Send either prompt (a string) or messages (an array), exactly one of them.");
    }
    return prompt
        .map(text -> reader.prompt(text, "prompt"))
        .orElseGet(() -> reader.read(messages.orElseThrow(), "messages"));
  }
}
