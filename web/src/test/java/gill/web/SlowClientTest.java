package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.web.api.Patience;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Clients that send or read too slowly lose their connection; the others do not wait for them.
@Timeout(120)
class SlowClientTest {
  private final Path folder;
  private final RunningServer running;

  SlowClientTest(@TempDir Path folder) {
    this.folder = folder;
    running =
        new RunningServer(
            folder, 0, new Patience(Duration.ofSeconds(1), 1000, Duration.ofSeconds(1)));
  }

  @AfterEach
  void stop() {
    running.close();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), running.server.port()));
    socket.setSoTimeout(60_000);
    return socket;
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }

  private static String head(String path, int length) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
        + length
        + "\r\n\r\n";
  }

  private static String read(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void bodyThatDrips_isRefused() throws Exception {
    try (Socket socket = connect()) {
      write(socket, head("/v1/lookup", 100_000));
      // The server answers meanwhile; what is written after that may meet a closed connection.
      Thread dripping =
          Thread.startVirtualThread(() -> {
            try {
              drip(socket, " ");
            } catch (IOException | InterruptedException _) {
              Thread.currentThread().interrupt();
            }
          });
      byte[] answer = socket.getInputStream().readNBytes(12);
      assertEquals("HTTP/1.1 408", new String(answer, StandardCharsets.US_ASCII));
      dripping.interrupt();
    }
    assertTrue(running.server.drain(Duration.ofSeconds(60)));
  }

  @Test
  void headThatDrips_isCutOff_onAFreshConnectionAndAfterARequest() throws Exception {
    try (Socket fresh = connect();
        Socket known = connect()) {
      write(known, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertEquals('H', known.getInputStream().read());
      for (Socket socket : List.of(fresh, known)) {
        write(socket, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ");
        assertThrows(
            IOException.class, () -> drip(socket, "x"), "the server took a whole minute of it");
      }
    }
  }

  private static void drip(Socket socket, String drop) throws IOException, InterruptedException {
    for (int i = 0; i < 600; i++) {
      write(socket, drop);
      Thread.sleep(100);
    }
  }

  @Test
  void connectionThatIsKept_servesLater() throws Exception {
    try (Socket socket = connect()) {
      // Longer in all than a head may take.
      for (int i = 0; i < 20; i++) {
        String close = i < 19 ? "" : "Connection: close\r\n";
        write(socket, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + close + "\r\n");
        Thread.sleep(100);
      }
      String answers = read(socket);
      assertEquals(20, answers.split("HTTP/1.1 200", -1).length - 1, answers);
    }
  }

  @Test
  void bodyThatStandsStill_isRefused() throws Exception {
    try (Socket socket = connect()) {
      write(socket, head("/v1/lookup", 1000) + "{");
      String answer = read(socket);
      assertTrue(answer.startsWith("HTTP/1.1 408"), answer);
      assertTrue(answer.contains("\"code\":\"too_slow\""), answer);
    }
  }

  @Test
  void slowBody_thatKeepsItsPace_isTaken() throws Exception {
    String body = "{\"prompt\": \"a" + " ".repeat(900) + "\"}";
    try (Socket socket = connect()) {
      write(
          socket,
          head("/v1/lookup", body.length()).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
      for (int at = 0; at < body.length(); at += 100) {
        write(socket, body.substring(at, Math.min(body.length(), at + 100)));
        Thread.onSpinWait();
      }
      assertTrue(read(socket).startsWith("HTTP/1.1 200"));
    }
  }

  @Test
  void clientThatReadsNothing_isCutOff() throws Exception {
    // More than the buffers between the two can hold.
    Files.write(folder.resolve("noto_red-apple.png"), new byte[48 << 20]);
    try (Socket socket = connect()) {
      write(socket, "GET /v1/images/noto/red-apple HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertEquals('H', socket.getInputStream().read());
      assertEquals(200, running.http.post("/v1/lookup", "{\"prompt\": \"a\"}").statusCode());
      assertTrue(running.server.drain(Duration.ofSeconds(60)), "the request is not over");
    }
  }
}
