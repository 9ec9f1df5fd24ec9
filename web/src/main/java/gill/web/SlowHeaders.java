package gill.web;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/// Cuts off who sends a request's head byte by byte. Each byte begins Jetty's idle timeout anew, so
/// that one lets a head of 8 KiB take days.
///
/// Safe for use by many threads.
final class SlowHeaders implements Connection.Listener, HttpConfiguration.Customizer {
  private static final int LOOKS = 4;

  private final long patienceNanos;
  private final Scheduler scheduler;
  private final Map<Connection, Head> heads = new ConcurrentHashMap<>();

  private SlowHeaders(Duration patience, Scheduler scheduler) {
    this.patienceNanos = patience.toNanos();
    this.scheduler = scheduler;
  }

  /// A head may take that long from its first byte, and up to a quarter more.
  static void watch(ServerConnector connector, HttpConfiguration http, Duration patience) {
    SlowHeaders watch = new SlowHeaders(patience, connector.getScheduler());
    connector.addEventListener(watch);
    http.addCustomizer(watch);
  }

  @Override
  public void onOpened(Connection connection) {
    heads.put(connection, new Head());
    lookLater(connection);
  }

  @Override
  public void onClosed(Connection connection) {
    heads.remove(connection);
  }

  /// Jetty calls this once a head is whole.
  @Override
  public Request customize(Request request, HttpFields.Mutable responseHeaders) {
    Connection connection = request.getConnectionMetaData().getConnection();
    @Nullable Head head = heads.get(connection);
    if (head != null) {
      head.whole();
      Request.addCompletionListener(request, _ -> head.next(connection.getBytesIn()));
    }
    return request;
  }

  private void lookLater(Connection connection) {
    scheduler.schedule(() -> look(connection), patienceNanos / LOOKS, TimeUnit.NANOSECONDS);
  }

  private void look(Connection connection) {
    @Nullable Head head = heads.get(connection);
    if (head == null) {
      return;
    }
    if (head.age(connection.getBytesIn()) > patienceNanos) {
      connection.getEndPoint().close();
    } else {
      lookLater(connection);
    }
  }

  /// Where a connection is with the head that it sends or will send.
  private static final class Head {
    private boolean isWhole;
    private long bytesBefore;
    private long firstSeen;
    private boolean isBegun;

    synchronized void whole() {
      isWhole = true;
      isBegun = false;
    }

    synchronized void next(long bytes) {
      isWhole = false;
      bytesBefore = bytes;
    }

    /// For how many nanoseconds a part of it has been there; 0 = nothing came, or all of it.
    synchronized long age(long bytes) {
      if (isWhole || bytes <= bytesBefore) {
        return 0;
      }
      long now = System.nanoTime();
      if (!isBegun) {
        isBegun = true;
        firstSeen = now;
      }
      return now - firstSeen;
    }
  }
}
