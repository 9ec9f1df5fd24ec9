package gill.langchain4j;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;

/// A GILL server that is asked over HTTP. Failures are LangChain4j's exceptions, so that its
/// retries treat them as they should. Safe for use by many threads.
public final class GillServer {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI base;
  private final String key;
  private final Duration timeout;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private GillServer(URI base, String key, Duration timeout) {
    this.base = base;
    this.key = key;
    this.timeout = timeout;
  }

  /// @param base such as `http://localhost:7860`
  public static GillServer at(String base) {
    return new GillServer(URI.create(base.endsWith("/") ? base : base + "/"), "", PATIENCE);
  }

  /// Sends this key with every request.
  public GillServer withKey(String newKey) {
    return new GillServer(base, newKey, timeout);
  }

  /// Gives up on an answer after this time (2 minutes unless told otherwise).
  public GillServer withTimeout(Duration newTimeout) {
    return new GillServer(base, key, newTimeout);
  }

  /// The whole address of what an answer names by its path.
  URI address(String path) {
    return base.resolve(path);
  }

  JsonNode post(String path, Object body) {
    try {
      HttpRequest request =
          request(path)
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString(JSON.writeValueAsString(body)))
              .build();
      return JSON.readTree(send(request).body());
    } catch (IOException e) {
      throw new LangChain4jException("what " + base + " answered cannot be read", e);
    }
  }

  HttpResponse<byte[]> get(String path) {
    return send(request(path).GET().build());
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(address(path)).timeout(timeout);
    return key.isEmpty() ? request : request.header("Authorization", "Bearer " + key);
  }

  private HttpResponse<byte[]> send(HttpRequest request) {
    HttpResponse<byte[]> response;
    try {
      response = http.send(request, BodyHandlers.ofByteArray());
    } catch (HttpTimeoutException e) {
      throw new TimeoutException(e);
    } catch (IOException e) {
      throw new LangChain4jException("no GILL server answers at " + base, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LangChain4jException("interrupted while waiting for " + base, e);
    }
    if (response.statusCode() >= 300) {
      throw failure(response);
    }
    return response;
  }

  private static LangChain4jException failure(HttpResponse<byte[]> response) {
    int status = response.statusCode();
    HttpException cause = new HttpException(status, detail(response));
    return switch (status) {
      case 401, 403 -> new AuthenticationException(cause);
      case 404 -> new ModelNotFoundException(cause);
      case 429 -> new RateLimitException(cause);
      default ->
          status >= 500 ? new InternalServerException(cause) : new InvalidRequestException(cause);
    };
  }

  private static String detail(HttpResponse<byte[]> response) {
    try {
      return JSON.readTree(response.body()).path("detail").asText("HTTP " + response.statusCode());
    } catch (IOException _) {
      return "HTTP " + response.statusCode();
    }
  }
}
