package gill.web.api;

import gill.engine.flow.Cancellation;
import gill.engine.flow.Output;
import gill.engine.flow.Turn;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/// A question that is being answered.
///
/// @param talk the kept conversation it belongs to
/// @param transcript the answer as far as it has come
record ChatTurn(Optional<Conversations.Talk> talk, Turn turn, Transcript transcript) {
  Answering answering(Service service, Cancellation cancellation) {
    return new Answering((sink, stop) -> service.answerer().reply(turn, sink, stop), cancellation);
  }

  /// Puts the whole answer into its conversation.
  void remember(Service service) {
    talk.ifPresent(it -> service.conversations().remember(it, transcript.message()));
  }

  Completion.Extension extension() {
    Output.Finished end = transcript.finished();
    return new Completion.Extension(
        Views.timings(end.timings()),
        talk.map(it -> it.session().id()).orElse(null),
        talk.map(Conversations.Talk::answerAt).orElse(null),
        end.reason().name().toLowerCase(Locale.ROOT));
  }

  static String newId() {
    byte[] random = new byte[12];
    ThreadLocalRandom.current().nextBytes(random);
    return "chatcmpl-" + HexFormat.of().formatHex(random);
  }
}
