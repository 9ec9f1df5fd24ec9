package gill.web.jobs;

/// As many jobs of a kind wait as may.
public final class JobQueueFullException extends RuntimeException {
  JobQueueFullException(JobKind kind, int most) {
    super(
        "the queue of "
            + kind.id()
            + " jobs is full: "
            + most
            + " wait; cancel one or try again later",
        null,
        false,
        false);
  }
}
