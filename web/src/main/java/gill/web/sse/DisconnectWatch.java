package gill.web.sse;

import gill.engine.flow.Cancellation;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.EndPoint;

/// Notices that a client has left while its request is still being worked on, so that decoding and
/// denoising stop.
///
/// An HTTP/1.1 server reads nothing while it answers, so a closed connection would show only at the
/// next write. The watch therefore polls the connection: end of stream means that the client has
/// left. Should bytes of a pipelined request turn up, the answer is marked `Connection: close`,
/// which tells the client to send that request again (RFC 9112, 9.3.2). The request's body must
/// have been read before the watch starts.
public final class DisconnectWatch implements Cancellation, AutoCloseable {
  private static final long PERIOD_MILLIS = 200;

  private final EndPoint connection;
  private final HttpServletResponse response;
  private final ReentrantLock lock = new ReentrantLock();
  private final ByteBuffer unexpected = ByteBuffer.allocate(64);
  private final Runnable onLeave;
  private volatile boolean gone;
  private boolean closed;
  private final ScheduledFuture<?> polling;

  private DisconnectWatch(
      EndPoint connection,
      HttpServletResponse response,
      ScheduledExecutorService clock,
      Runnable onLeave) {
    this.connection = connection;
    this.response = response;
    this.onLeave = onLeave;
    this.polling =
        clock.scheduleWithFixedDelay(
            this::poll, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  public static DisconnectWatch start(
      HttpServletRequest request, HttpServletResponse response, ScheduledExecutorService clock) {
    return start(request, response, clock, () -> {});
  }

  /// @param onLeave called once when the client leaves; must not block
  public static DisconnectWatch start(
      HttpServletRequest request,
      HttpServletResponse response,
      ScheduledExecutorService clock,
      Runnable onLeave) {
    EndPoint connection =
        ServletContextRequest.getServletContextRequest(request)
            .getConnectionMetaData()
            .getConnection()
            .getEndPoint();
    return new DisconnectWatch(connection, response, clock, onLeave);
  }

  private void poll() {
    lock.lock();
    try {
      if (closed || gone) {
        return;
      }
      unexpected.clear().flip();
      int read = connection.fill(unexpected);
      if (read < 0 || !connection.isOpen()) {
        leave();
      } else if (read > 0 && !response.isCommitted()) {
        response.setHeader("Connection", "close");
      }
    } catch (IOException _) {
      leave();
    } finally {
      lock.unlock();
    }
  }

  // Under the lock.
  private void leave() {
    gone = true;
    onLeave.run();
  }

  @Override
  public boolean isCancelled() {
    return gone;
  }

  /// Ends the watch; the connection is not touched afterwards.
  @Override
  public void close() {
    polling.cancel(false);
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }
}
