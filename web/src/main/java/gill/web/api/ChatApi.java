package gill.web.api;

import gill.engine.flow.Output;
import gill.engine.flow.SessionId;
import gill.engine.flow.Turn;
import gill.web.sse.DisconnectWatch;
import gill.web.sse.EventStream;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `POST /v1/chat/completions`: a dialogue in OpenAI's shape, whole or streamed.
final class ChatApi {
  private static final Logger LOG = LoggerFactory.getLogger(ChatApi.class);

  private final Service service;
  private final MessageReader reader;

  ChatApi(Service service) {
    this.service = service;
    this.reader = new MessageReader(service.images(), service.limits());
  }

  void handle(Context ctx) throws IOException, InterruptedException {
    ChatRequest request =
        ChatRequest.parse(Bodies.json(ctx, service.limits()), reader, service.answerer());
    try (Admission.Ticket _ = service.admission().enter();
        DisconnectWatch watch = service.watch(ctx)) {
      Optional<Conversations.Talk> talk = request.session().map(id -> open(ctx, id, request));
      List<Draft> messages = talk.map(service.conversations()::drafts).orElseGet(request::messages);
      Turn turn = request.options().turn(messages, service.images());
      Transcript transcript = new Transcript();
      try (Answering answering =
          new Answering((sink, stop) -> service.answerer().reply(turn, sink, stop), watch)) {
        if (request.stream()) {
          stream(ctx, request, talk, answering, transcript, watch);
        } else {
          collect(ctx, talk, answering, transcript);
        }
      }
      if (watch.isCancelled()) {
        service.metrics().cancelled();
      } else {
        talk.ifPresent(it -> service.conversations().remember(it, transcript.message()));
      }
      service.stages(ctx, transcript.finished().timings());
    }
  }

  private Conversations.Talk open(Context ctx, SessionId id, ChatRequest request) {
    return service
        .conversations()
        .open(id, Guard.owner(ctx), request.fromMessage(), request.messages());
  }

  private void collect(
      Context ctx, Optional<Conversations.Talk> talk, Answering answering, Transcript transcript)
      throws InterruptedException {
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
                  newId(),
                  "chat.completion",
                  service.clock().millis() / 1000,
                  service.answerer().info().bundle(),
                  List.of(
                      new Completion.Choice(
                          0, transcript.message(), Completion.finishReason(end.reason()))),
                  Completion.Usage.of(end.usage()),
                  extension(talk, end)));
          return;
        }
      }
    }
  }

  private void stream(
      Context ctx,
      ChatRequest request,
      Optional<Conversations.Talk> talk,
      Answering answering,
      Transcript transcript,
      DisconnectWatch watch)
      throws InterruptedException {
    EventStream events = new EventStream(ctx.disableCompression().res());
    ChunkWriter chunks =
        new ChunkWriter(
            events,
            newId(),
            service.clock().millis() / 1000,
            service.answerer().info().bundle(),
            service.json());
    try {
      while (!watch.isCancelled()) {
        switch (answering.next()) {
          case Answering.Step.Next(Output output) -> {
            transcript.add(output);
            service.metrics().shown(output);
            chunks.write(output);
          }
          case Answering.Step.Quiet _ -> {
            if (events.isOpen()) {
              events.comment("still here");
            }
          }
          case Answering.Step.Failed(RuntimeException fault) -> {
            if (!events.isOpen()) {
              throw fault;
            }
            LOG.warn("a streamed reply failed", fault);
            chunks.fail(Problems.of(fault));
            return;
          }
          case Answering.Step.End _ -> {
            chunks.finish(
                transcript.finished(),
                extension(talk, transcript.finished()),
                request.includeUsage());
            return;
          }
        }
      }
    } catch (IOException _) {
      watch.leave();
    }
  }

  private static Completion.Extension extension(
      Optional<Conversations.Talk> talk, Output.Finished end) {
    return new Completion.Extension(
        Views.timings(end.timings()),
        talk.map(it -> it.session().id()).orElse(null),
        talk.map(Conversations.Talk::answerAt).orElse(null),
        end.reason().name().toLowerCase(java.util.Locale.ROOT));
  }

  private static String newId() {
    byte[] random = new byte[12];
    ThreadLocalRandom.current().nextBytes(random);
    return "chatcmpl-" + HexFormat.of().formatHex(random);
  }
}
