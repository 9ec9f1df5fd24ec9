package gill.web.api;

import gill.engine.flow.Output;
import gill.web.sse.DisconnectWatch;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.List;

/// `POST /v1/images/generations`: drawn images in OpenAI's shape, whole or streamed.
final class GenerationsApi {
  private final Service service;

  GenerationsApi(Service service) {
    this.service = service;
  }

  void handle(Context ctx) throws InterruptedException {
    GenerationRequest request =
        GenerationRequest.parse(
            Bodies.json(ctx, service.limits()), service.limits(), service.answerer());
    Drawing drawing = new Drawing(service, request);
    if (request.stream()) {
      service.streams().answer(ctx, request.kind(), () -> new DrawingStream(service, drawing));
      return;
    }
    try (Admission.Ticket _ = service.admission().enter();
        DisconnectWatch watch = service.watch(ctx);
        Answering answering = drawing.answering(watch)) {
      collect(ctx, request, answering);
      if (watch.isCancelled()) {
        service.metrics().cancelled();
      }
      drawing.timings().forEach(it -> service.stages(ctx, it));
    }
  }

  private void collect(Context ctx, GenerationRequest request, Answering answering)
      throws InterruptedException {
    List<Drawn.Picture> pictures = new ArrayList<>();
    while (true) {
      switch (answering.next()) {
        case Answering.Step.Next(Output.Progress _) -> {}
        case Answering.Step.Next(Output output) ->
            pictures.add(picture(ctx, request, drawn(output)));
        case Answering.Step.Failed(RuntimeException fault) -> throw fault;
        case Answering.Step.Quiet _ -> {}
        case Answering.Step.End _ -> {
          ctx.json(new Drawn.Answer(seconds(), List.copyOf(pictures), "png", size()));
          return;
        }
      }
    }
  }

  private static Drawn.Picture picture(
      Context ctx, GenerationRequest request, Output.GeneratedImage image) {
    Views.Shown shown = Views.Shown.of(image);
    return switch (request.format()) {
      case B64_JSON -> new Drawn.Picture(null, Drawn.base64(image), shown);
      // Clients of this shape fetch the address as it stands, so it is a whole one.
      case URL ->
          new Drawn.Picture(
              ctx.scheme() + "://" + ctx.host() + ImageUrls.ofGenerated(image.picture().id()),
              null,
              shown);
    };
  }

  /// The drawn picture; anything else means that the generator failed.
  static Output.GeneratedImage drawn(Output output) {
    if (output instanceof Output.GeneratedImage image) {
      return image;
    }
    String why =
        switch (output) {
          case Output.RetrievedImage it -> it.note();
          case Output.NoImage it -> it.reason();
          default -> "The generator gave no picture.";
        };
    throw new Problem(422, "not_drawn", why + " Try other words, another seed or more steps.");
  }

  private String size() {
    int side = service.answerer().info().imageSize();
    return side + "x" + side;
  }

  private long seconds() {
    return service.clock().millis() / 1000;
  }
}
