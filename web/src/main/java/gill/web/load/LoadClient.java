package gill.web.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/// A client of one server, used by many threads.
final class LoadClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final URI base;
  private final String key;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .executor(Executors.newVirtualThreadPerTaskExecutor())
          .build();

  /// @param key for `Authorization`; empty = none
  LoadClient(URI base, String key) {
    this.base = base;
    this.key = key;
  }

  HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).timeout(PATIENCE);
    return key.isEmpty() ? request : request.header("Authorization", "Bearer " + key);
  }

  HttpRequest post(String path, String json) {
    return request(path)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(json))
        .build();
  }

  <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws InterruptedException, IOException {
    return http.send(request, handler);
  }

  /// A figure of `/metrics` without tags.
  double metric(String name) throws InterruptedException {
    try {
      HttpResponse<Stream<String>> response =
          send(request("/metrics").build(), BodyHandlers.ofLines());
      try (Stream<String> lines = response.body()) {
        return lines
            .filter(line -> line.startsWith(name + " "))
            .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
            .findFirst()
            .orElse(Double.NaN);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the server does not tell its figures", e);
    }
  }

  /// Asks and reads the answer to its end.
  Timing ask(Ask ask, int index) throws InterruptedException {
    long began = System.nanoTime();
    try {
      HttpResponse<Stream<String>> response =
          send(post(ask.path(), ask.body(index)), BodyHandlers.ofLines());
      boolean retryAfter = response.headers().firstValue("Retry-After").isPresent();
      try (Stream<String> lines = response.body()) {
        return read(response.statusCode(), retryAfter, lines.iterator(), began);
      }
    } catch (IOException _) {
      return new Timing(0, false, Double.NaN, Double.NaN, since(began));
    }
  }

  private static Timing read(int status, boolean retryAfter, Iterator<String> lines, long began) {
    double text = Double.NaN;
    double image = Double.NaN;
    while (lines.hasNext()) {
      String line = lines.next();
      if (Double.isNaN(text) && hasText(line)) {
        text = since(began);
      }
      if (Double.isNaN(image) && hasImage(line)) {
        image = since(began);
      }
    }
    return new Timing(status, retryAfter, text, image, since(began));
  }

  private static boolean hasText(String line) {
    return line.contains("\"delta\":{\"content\":\"");
  }

  private static boolean hasImage(String line) {
    return line.contains("\"images\":[") || line.startsWith("{") && line.contains("\"image\":{");
  }

  private static double since(long began) {
    return (System.nanoTime() - began) / 1e6;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
