package gill.web.sse;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A response of server-sent events. The head is sent with the first event, so that a failure
/// before it can still be answered with its own status. Written by one thread.
public final class EventStream {
  private static final long QUIET_MILLIS = 10_000;

  /// Whether a reader is told the numbers by which it can come back.
  public enum Numbers {
    TOLD,
    KEPT_BACK
  }

  private final HttpServletResponse response;
  private final Numbers numbers;
  private volatile boolean open;

  public EventStream(HttpServletResponse response, Numbers numbers) {
    this.response = response;
    this.numbers = numbers;
  }

  /// Whether the head has been sent.
  public boolean isOpen() {
    return open;
  }

  /// Sends the head. Throws [IOException] if the client has left.
  public void open() throws IOException {
    write("");
  }

  /// Sends `event: name` with `data: json`. Throws [IOException] if the client has left.
  public void event(String name, String json) throws IOException {
    write("event: " + name + "\ndata: " + json + "\n\n");
  }

  /// Sends what the log tells after the event numbered `after`, until it is over. Throws
  /// [IOException] if the client has left.
  public void follow(EventLog log, long after) throws IOException, InterruptedException {
    long read = after;
    while (!log.isOverAfter(read)) {
      List<EventLog.Event> events = log.after(read, QUIET_MILLIS);
      for (EventLog.Event event : events) {
        String number = numbers == Numbers.TOLD ? "id: " + event.id() + "\n" : "";
        write(number + event.text() + "\n");
        read = event.id();
      }
      if (events.isEmpty() && open && !log.isOverAfter(read)) {
        write(": still here\n\n");
      }
    }
  }

  private void write(String event) throws IOException {
    if (!open) {
      response.setStatus(HttpServletResponse.SC_OK);
      response.setContentType("text/event-stream");
      response.setCharacterEncoding("utf-8");
      response.setHeader("Cache-Control", "no-store");
      response.setHeader("X-Accel-Buffering", "no");
      response.setHeader("Connection", "close");
      open = true;
    }
    ServletOutputStream out = response.getOutputStream();
    out.write(event.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
