package gill.web.api;

import gill.engine.flow.LookupResult;
import gill.engine.flow.Turn;
import gill.web.sse.DisconnectWatch;
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
    try (Admission.Ticket _ = service.admission().enter();
        DisconnectWatch watch = service.watch(ctx)) {
      Turn turn = options.turn(drafts, service.images());
      LookupResult result = service.answerer().lookup(turn, _ -> {}, watch);
      service.metrics().decision(result.decision());
      service.metrics().stages(result.timings());
      if (watch.isCancelled()) {
        service.metrics().cancelled();
      }
      ctx.json(Views.Lookup.of(result));
    }
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
