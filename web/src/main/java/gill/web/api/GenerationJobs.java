package gill.web.api;

import gill.engine.flow.LookupResult;
import gill.engine.flow.Output;
import gill.engine.flow.Pixels;
import gill.web.jobs.JobProgress;
import gill.web.jobs.JobWork;
import gill.web.jobs.RunningJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/// Drawing as a job: what `/v1/images/generations` does, without a connection that has to last. The
/// pictures are kept with the job's server as those of that endpoint are.
final class GenerationJobs {
  private final Service service;

  GenerationJobs(Service service) {
    this.service = service;
  }

  /// A picture of the result.
  record Picture(String url, Views.Shown gill) {}

  record Result(long created, List<Picture> data) {}

  JobWork work(Fields fields) {
    GenerationRequest request =
        GenerationRequest.parseJob(fields, service.limits(), service.answerer());
    return job -> draw(request, job);
  }

  private JobWork.Outcome draw(GenerationRequest request, RunningJob job)
      throws InterruptedException {
    List<Picture> pictures = new ArrayList<>();
    for (int i = 0; i < request.count(); i++) {
      try (Admission.Ticket _ = service.admission().await()) {
        int before = i;
        LookupResult result =
            service
                .answerer()
                .lookup(
                    request.turn(i), progress -> tell(progress, before, request.count(), job), job);
        if (job.isCancelled()) {
          throw new CancellationException();
        }
        service.metrics().shown(result.image());
        service.metrics().stages(result.timings());
        Output.GeneratedImage image = GenerationsApi.drawn(result.image());
        pictures.add(
            new Picture(ImageUrls.ofGenerated(image.picture().id()), Views.Shown.of(image)));
      }
    }
    return new JobWork.Outcome(
        service
            .json()
            .valueToTree(new Result(service.clock().millis() / 1000, List.copyOf(pictures))),
        Map.of("drawn", (long) pictures.size()));
  }

  /// Steps count over all pictures of the job.
  private static void tell(Output.Progress at, int before, int pictures, RunningJob job) {
    if (job.isCancelled()) {
      throw new CancellationException();
    }
    job.progress(
        new JobProgress(
            at.stage(), (long) before * at.of() + at.step(), (long) pictures * at.of(), 0, 0),
        Map.of("drawn", (long) before));
    for (Pixels soFar : at.soFar()) {
      job.preview(new Drawn.Look(before, PreviewPng.base64(soFar), at.step(), at.of()));
    }
  }
}
