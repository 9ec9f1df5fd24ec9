package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No address in a request makes this server open a file or a connection, whatever it redirects or
/// resolves to: an address elsewhere is refused unread.
class RemoteImageTest {
  private static final List<String> DOORS =
      List.of(
          "/v1/search {\"image\": \"%s\"}",
          "/v1/embeddings {\"input\": [{\"type\": \"image_url\", \"image_url\": {\"url\": \"%s\"}}]}",
          "/knn-service {\"image_url\": \"%s\"}",
          "/v1/lookup {\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\","
              + " \"image_url\": {\"url\": \"%s\"}}]}]}",
          "/v1/chat/completions {\"messages\": [{\"role\": \"user\", \"content\":"
              + " [{\"type\": \"image_url\", \"image_url\": \"%s\"}]}]}");

  @Test
  void addressesElsewhere_areRefusedUnread(@TempDir Path folder) throws Exception {
    try (RunningServer running = new RunningServer(folder);
        ServerSocket trap = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      trap.setSoTimeout(300);
      String port = ":" + trap.getLocalPort();
      for (String address :
          List.of(
              "http://127.0.0.1" + port + "/a.png",
              "HTTP://localhost" + port + "/a.png",
              "http://0x7f000001" + port + "/",
              "http://[::1]" + port + "/",
              "http://user@127.0.0.1" + port + "/v1/images/noto/red-apple",
              "//127.0.0.1" + port + "/v1/images/x",
              "http://169.254.169.254/latest/meta-data/",
              "file:///etc/passwd",
              "ftp://127.0.0.1" + port + "/",
              "jar:file:/etc/a.jar!/b")) {
        for (String door : DOORS) {
          String[] parts = door.split(" ", 2);
          HttpResponse<String> response = running.http.post(parts[0], parts[1].formatted(address));
          assertEquals(400, response.statusCode(), address + " at " + door);
          assertEquals("remote_image", Http.json(response).get("code").stringValue());
        }
      }
      assertThrows(SocketTimeoutException.class, trap::accept);
    }
  }

  @Test
  void idsThatClimb_neverReachAFile(@TempDir Path folder) throws Exception {
    try (RunningServer running = new RunningServer(folder)) {
      for (String door : DOORS) {
        String[] parts = door.split(" ", 2);
        for (String id : List.of("../../etc/passwd", "..%2F..%2Fetc%2Fpasswd", "generated/../x")) {
          assertEquals(
              422,
              running.http.post(parts[0], parts[1].formatted("/v1/images/" + id)).statusCode(),
              id + " at " + door);
        }
      }
    }
  }
}
