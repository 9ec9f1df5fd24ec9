package gill.web.sse;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// A response of server-sent events. The head is sent with the first event, so that a failure
/// before it can still be answered with its own status. Used by one thread.
public final class EventStream {
  private final HttpServletResponse response;
  private boolean open;

  public EventStream(HttpServletResponse response) {
    this.response = response;
  }

  public boolean isOpen() {
    return open;
  }

  /// Sends `data: json`. Throws [IOException] if the client has left.
  public void data(String json) throws IOException {
    write("data: " + json + "\n\n");
  }

  /// Sends `event: name` with `data: json`. Throws [IOException] if the client has left.
  public void event(String name, String json) throws IOException {
    write("event: " + name + "\ndata: " + json + "\n\n");
  }

  /// Sends `event: name` with `data: json` and a number that a client says when it comes back.
  public void event(long id, String name, String json) throws IOException {
    write("id: " + id + "\nevent: " + name + "\ndata: " + json + "\n\n");
  }

  /// Sends a comment, which every client skips unless it knows it.
  public void comment(String text) throws IOException {
    write(": " + text + "\n\n");
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
