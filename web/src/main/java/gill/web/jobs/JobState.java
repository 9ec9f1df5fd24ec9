package gill.web.jobs;

import java.util.Locale;

/// How far a job has come.
public enum JobState {
  QUEUED,
  RUNNING,
  DONE,
  FAILED,
  CANCELLED;

  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  public boolean isOver() {
    return this == DONE || this == FAILED || this == CANCELLED;
  }
}
