package gill.web.api;

import gill.engine.flow.Cancellation;
import gill.engine.flow.Output;
import gill.engine.flow.StageTimings;
import gill.web.sse.EventLog;
import java.util.List;

/// A streamed reply: `chat.completion.chunk` events.
///
/// @param includeUsage end with a chunk that holds the usage, as OpenAI does
record ChatStream(Service service, ChatTurn turn, boolean includeUsage) implements Streams.Source {
  @Override
  public List<StageTimings> run(EventLog events, Cancellation cancellation)
      throws InterruptedException {
    Transcript transcript = turn.transcript();
    ChunkWriter chunks =
        new ChunkWriter(
            events,
            ChatTurn.newId(),
            service.clock().millis() / 1000,
            service.answerer().info(),
            service.json());
    try (Answering answering = turn.answering(service, cancellation)) {
      while (!cancellation.isCancelled()) {
        switch (answering.next()) {
          case Answering.Step.Next(Output output) -> {
            transcript.add(output);
            service.metrics().shown(output);
            chunks.write(output);
          }
          case Answering.Step.Quiet _ -> {}
          case Answering.Step.Failed(RuntimeException fault) -> throw fault;
          case Answering.Step.End _ -> {
            if (!cancellation.isCancelled()) {
              // Before the last event: who has read it finds the answer in the conversation.
              turn.remember(service);
              chunks.finish(transcript.finished(), turn.extension(), includeUsage);
            }
            return List.of(transcript.finished().timings());
          }
        }
      }
    }
    return List.of(transcript.finished().timings());
  }

  @Override
  public void broken(EventLog events, Problem problem) {
    events.data(service.json().writeValueAsString(problem.asEvent()));
    events.data("[DONE]");
  }
}
