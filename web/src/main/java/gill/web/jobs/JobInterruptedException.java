package gill.web.jobs;

/// The server stopped while a job waited or ran.
public final class JobInterruptedException extends RuntimeException {
  JobInterruptedException() {
    super(
        "the server stopped before the job was done; start it again, an indexing job goes on where"
            + " it was",
        null,
        false,
        false);
  }
}
