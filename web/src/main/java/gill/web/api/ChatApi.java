package gill.web.api;

import gill.engine.flow.Output;
import gill.engine.flow.SessionId;
import gill.engine.flow.Turn;
import gill.web.sse.DisconnectWatch;
import io.javalin.http.Context;
import java.util.List;
import java.util.Optional;

/// `POST /v1/chat/completions`: a dialogue in OpenAI's shape, whole or streamed.
final class ChatApi {
  private final Service service;
  private final MessageReader reader;

  ChatApi(Service service) {
    this.service = service;
    this.reader = new MessageReader(service.images(), service.limits());
  }

  void handle(Context ctx) throws InterruptedException {
    ChatRequest request =
        ChatRequest.parse(Bodies.json(ctx, service.limits()), reader, service.answerer());
    if (request.stream()) {
      service
          .streams()
          .answer(
              ctx,
              request.kind(),
              () -> new ChatStream(service, begin(ctx, request), request.includeUsage()));
      return;
    }
    try (Admission.Ticket _ = service.admission().enter();
        DisconnectWatch watch = service.watch(ctx)) {
      ChatTurn turn = begin(ctx, request);
      try (Answering answering = turn.answering(service, watch)) {
        collect(ctx, turn, answering);
      }
      if (watch.isCancelled()) {
        service.metrics().cancelled();
      } else {
        turn.remember(service);
      }
      service.stages(ctx, turn.transcript().finished().timings());
    }
  }

  private ChatTurn begin(Context ctx, ChatRequest request) {
    Optional<Conversations.Talk> talk = request.session().map(id -> open(ctx, id, request));
    List<Draft> messages = talk.map(service.conversations()::drafts).orElseGet(request::messages);
    Turn turn = request.options().turn(messages, service.images());
    return new ChatTurn(talk, turn, new Transcript(service.answerer().info().corpusVersion()));
  }

  private Conversations.Talk open(Context ctx, SessionId id, ChatRequest request) {
    return service
        .conversations()
        .open(id, Guard.owner(ctx), request.fromMessage(), request.messages());
  }

  private void collect(Context ctx, ChatTurn turn, Answering answering)
      throws InterruptedException {
    Transcript transcript = turn.transcript();
    while (true) {
      switch (answering.next()) {
        case Answering.Step.Next(Output output) -> {
          transcript.add(output);
          service.metrics().shown(output);
        }
        case Answering.Step.Failed(RuntimeException fault) -> throw fault;
        case Answering.Step.Quiet _ -> {}
        case Answering.Step.End _ -> {
          Output.Finished end = transcript.finished();
          ctx.json(
              new Completion.Answer(
                  ChatTurn.newId(),
                  "chat.completion",
                  service.clock().millis() / 1000,
                  service.answerer().info().bundle(),
                  List.of(
                      new Completion.Choice(
                          0, transcript.message(), Completion.finishReason(end.reason()))),
                  Completion.Usage.of(end.usage()),
                  turn.extension()));
          return;
        }
      }
    }
  }
}
