package gill.web.api;

import gill.engine.flow.Cancellation;
import gill.engine.flow.Output;
import gill.engine.flow.Pixels;
import gill.engine.flow.StageTimings;
import gill.web.sse.EventLog;
import java.util.List;

/// A streamed drawing in OpenAI's shape: looks at each picture as it grows, then the whole one.
record DrawingStream(Service service, Drawing drawing) implements Streams.Source {
  private static final String PARTIAL = "image_generation.partial_image";
  private static final String COMPLETED = "image_generation.completed";

  @Override
  public List<StageTimings> run(EventLog events, Cancellation cancellation)
      throws InterruptedException {
    int picture = 0;
    int looks = 0;
    try (Answering answering = drawing.answering(cancellation)) {
      while (!cancellation.isCancelled()) {
        switch (answering.next()) {
          case Answering.Step.Next(Output.Progress progress) -> {
            events.comment("progress " + json(Views.Step.of(progress)));
            for (Pixels soFar : progress.soFar()) {
              Drawn.Stage at = new Drawn.Stage(picture, progress.step(), progress.of());
              events.event(PARTIAL, json(partial(soFar, looks, at)));
              looks++;
            }
          }
          case Answering.Step.Next(Output output) -> {
            if (!cancellation.isCancelled()) {
              events.event(COMPLETED, json(completed(GenerationsApi.drawn(output))));
            }
            picture++;
            looks = 0;
          }
          case Answering.Step.Quiet _ -> {}
          case Answering.Step.Failed(RuntimeException fault) -> throw fault;
          case Answering.Step.End _ -> {
            return drawing.timings();
          }
        }
      }
    }
    return drawing.timings();
  }

  @Override
  public void broken(EventLog events, Problem problem) {
    events.event("error", json(problem.asEvent()));
  }

  private String json(Object value) {
    return service.json().writeValueAsString(value);
  }

  private Drawn.Partial partial(Pixels soFar, int index, Drawn.Stage at) {
    return new Drawn.Partial(
        PARTIAL, PreviewPng.base64(soFar), seconds(), size(), "auto", "opaque", "png", index, at);
  }

  private Drawn.Completed completed(Output.GeneratedImage image) {
    return new Drawn.Completed(
        COMPLETED,
        Drawn.base64(image),
        seconds(),
        size(),
        "auto",
        "opaque",
        "png",
        Drawn.Usage.NONE,
        Views.Shown.of(image));
  }

  private String size() {
    int side = service.answerer().info().imageSize();
    return side + "x" + side;
  }

  private long seconds() {
    return service.clock().millis() / 1000;
  }
}
