package gill.web.api;

import gill.engine.flow.Cancellation;
import gill.engine.flow.LookupResult;
import gill.engine.flow.Output;
import gill.engine.flow.Pixels;
import gill.engine.flow.StageTimings;
import gill.web.sse.DisconnectWatch;
import gill.web.sse.EventStream;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `POST /v1/images/generations`: drawn images in OpenAI's shape, whole or streamed.
final class GenerationsApi {
  private static final Logger LOG = LoggerFactory.getLogger(GenerationsApi.class);

  private static final String PARTIAL = "image_generation.partial_image";
  private static final String COMPLETED = "image_generation.completed";

  private final Service service;

  GenerationsApi(Service service) {
    this.service = service;
  }

  void handle(Context ctx) throws InterruptedException {
    GenerationRequest request =
        GenerationRequest.parse(
            Bodies.json(ctx, service.limits()), service.limits(), service.answerer());
    Queue<StageTimings> taken = new ConcurrentLinkedQueue<>();
    try (Admission.Ticket _ = service.admission().enter();
        DisconnectWatch watch = service.watch(ctx);
        Answering answering =
            new Answering((sink, stop) -> draw(request, sink, stop, taken), watch)) {
      if (request.stream()) {
        stream(ctx, answering, watch);
      } else {
        collect(ctx, request, answering);
      }
      if (watch.isCancelled()) {
        service.metrics().cancelled();
      }
      taken.forEach(it -> service.stages(ctx, it));
    }
  }

  private void draw(
      GenerationRequest request,
      Consumer<Output> sink,
      Cancellation cancellation,
      Queue<StageTimings> taken) {
    for (int i = 0; i < request.count() && !cancellation.isCancelled(); i++) {
      LookupResult result = service.answerer().lookup(request.turn(i), sink::accept, cancellation);
      service.metrics().shown(result.image());
      taken.add(result.timings());
      sink.accept(result.image());
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
      case B64_JSON -> new Drawn.Picture(null, base64(image), shown);
      // Clients of this shape fetch the address as it stands, so it is a whole one.
      case URL ->
          new Drawn.Picture(
              ctx.scheme() + "://" + ctx.host() + ImageUrls.ofGenerated(image.picture().id()),
              null,
              shown);
    };
  }

  private void stream(Context ctx, Answering answering, DisconnectWatch watch)
      throws InterruptedException {
    EventStream events = new EventStream(ctx.disableCompression().res());
    int picture = 0;
    int looks = 0;
    try {
      while (!watch.isCancelled()) {
        switch (answering.next()) {
          case Answering.Step.Next(Output.Progress progress) -> {
            events.comment(
                "progress " + service.json().writeValueAsString(Views.Step.of(progress)));
            for (Pixels soFar : progress.soFar()) {
              Drawn.Stage at = new Drawn.Stage(picture, progress.step(), progress.of());
              send(events, PARTIAL, partial(soFar, looks, at));
              looks++;
            }
          }
          case Answering.Step.Next(Output output) -> {
            send(events, COMPLETED, completed(drawn(output)));
            picture++;
            looks = 0;
          }
          case Answering.Step.Quiet _ -> events.comment("still here");
          case Answering.Step.Failed(RuntimeException fault) -> {
            fail(events, fault);
            return;
          }
          case Answering.Step.End _ -> {
            return;
          }
        }
      }
    } catch (Problem refused) {
      try {
        fail(events, refused);
      } catch (IOException _) {
        watch.leave();
      }
    } catch (IOException _) {
      watch.leave();
    }
  }

  private void send(EventStream events, String name, Object data) throws IOException {
    events.event(name, service.json().writeValueAsString(data));
  }

  private void fail(EventStream events, RuntimeException fault) throws IOException {
    if (!events.isOpen()) {
      throw fault;
    }
    LOG.warn("a streamed picture failed", fault);
    events.event("error", service.json().writeValueAsString(Problems.of(fault).asEvent()));
  }

  private Drawn.Partial partial(Pixels soFar, int index, Drawn.Stage at) {
    return new Drawn.Partial(
        PARTIAL, PreviewPng.base64(soFar), seconds(), size(), "auto", "opaque", "png", index, at);
  }

  private Drawn.Completed completed(Output.GeneratedImage image) {
    return new Drawn.Completed(
        COMPLETED,
        base64(image),
        seconds(),
        size(),
        "auto",
        "opaque",
        "png",
        Drawn.Usage.NONE,
        Views.Shown.of(image));
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

  private static String base64(Output.GeneratedImage image) {
    return Base64.getEncoder().encodeToString(image.picture().png());
  }

  private String size() {
    int side = service.answerer().info().imageSize();
    return side + "x" + side;
  }

  private long seconds() {
    return service.clock().millis() / 1000;
  }
}
