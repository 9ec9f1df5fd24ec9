package gill.web.api;

import gill.engine.flow.Cancellation;
import gill.engine.flow.LookupResult;
import gill.engine.flow.Output;
import gill.engine.flow.StageTimings;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// The pictures of a request, drawn one after another.
final class Drawing {
  private final Service service;
  private final GenerationRequest request;
  private final List<StageTimings> timings = new CopyOnWriteArrayList<>();

  Drawing(Service service, GenerationRequest request) {
    this.service = service;
    this.request = request;
  }

  Answering answering(Cancellation cancellation) {
    return new Answering(this::draw, cancellation);
  }

  private void draw(Consumer<Output> sink, Cancellation cancellation) {
    for (int i = 0; i < request.count() && !cancellation.isCancelled(); i++) {
      LookupResult result = service.answerer().lookup(request.turn(i), sink::accept, cancellation);
      service.metrics().shown(result.image());
      timings.add(result.timings());
      sink.accept(result.image());
    }
  }

  /// How long the stages of the pictures took that are drawn by now.
  List<StageTimings> timings() {
    return List.copyOf(timings);
  }
}
