package gill.indexer.fetch;

import gill.engine.vision.ReadResult;
import gill.indexer.fetch.CheckedNames.PrivateAddressException;
import gill.indexer.flow.Failure;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.NameValuePair;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/// Fetches pictures over HTTP: few connections to a host, all of them bounded in time, size and
/// redirects; obeys `robots.txt` and `X-Robots-Tag`; connects to the public internet only, unless
/// told otherwise. Whatever a host does, the answer is a value. Safe for use by many threads.
public final class PictureFetcher implements AutoCloseable {
  private static final int MAX_CONNECTIONS = 64;
  private static final int MAX_ROBOTS_BYTES = 512 * 1024;

  private final FetchRules rules;
  private final CloseableHttpClient client;
  private final Robots robots;
  private final HostClock clock = new HostClock();

  /// Ends requests that take too long.
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("gill-fetch-watch").factory());

  public PictureFetcher(FetchRules rules) {
    this(rules, InetAddress::getAllByName);
  }

  PictureFetcher(FetchRules rules, NameService names) {
    this.rules = rules;
    Timeout patience = Timeout.of(rules.patience());
    this.client =
        HttpClients.custom()
            .setConnectionManager(
                PoolingHttpClientConnectionManagerBuilder.create()
                    .setDnsResolver(new CheckedNames(names, rules.privateAddresses()))
                    .setMaxConnPerRoute(rules.perHost())
                    .setMaxConnTotal(MAX_CONNECTIONS)
                    .setDefaultConnectionConfig(
                        ConnectionConfig.custom()
                            .setConnectTimeout(patience)
                            .setSocketTimeout(patience)
                            .build())
                    .build())
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setResponseTimeout(patience)
                    // Waiting for the host's turn is no fault of the host.
                    .setConnectionRequestTimeout(Timeout.ofHours(1))
                    .build())
            .setUserAgent(rules.userAgent())
            .disableRedirectHandling()
            .disableAutomaticRetries()
            .disableContentCompression()
            .disableCookieManagement()
            .disableAuthCaching()
            .build();
    this.robots = new Robots(rules.robotName(), this::robotsFile);
  }

  /// Fetches a picture. Codes of what goes wrong are [Failure]'s, and
  /// [ReadResult.Reason#TOO_LARGE_BYTES].
  public Fetched fetch(URI url, long maxBytes) {
    URI at = url;
    for (int hop = 0; hop <= rules.maxRedirects(); hop++) {
      Step step = step(at, maxBytes);
      switch (step) {
        case Step.Done(Fetched fetched) -> {
          return fetched;
        }
        case Step.Redirect(URI to) -> at = to;
      }
    }
    return new Fetched.Refused(
        Failure.FETCH_REDIRECTS, url + " redirects more than " + rules.maxRedirects() + " times");
  }

  private sealed interface Step {
    record Done(Fetched fetched) implements Step {}

    record Redirect(URI to) implements Step {}
  }

  private static Step refused(String reason, String message) {
    return new Step.Done(new Fetched.Refused(reason, message));
  }

  private Step step(URI url, long maxBytes) {
    try {
      if (!robots.allow(url)) {
        return refused(Failure.FETCH_ROBOTS, "the robots.txt of " + url.getHost() + " forbids it");
      }
      clock.await(url.getRawAuthority(), robots.delay(url));
      return ask(url, maxBytes).step();
    } catch (PrivateAddressException e) {
      return refused(
          Failure.FETCH_PRIVATE, e.getMessage() + "; --allow-private-addresses lets it be fetched");
    } catch (UnknownHostException _) {
      return refused(Failure.FETCH_FAILED, "there is no host " + url.getHost());
    } catch (InterruptedIOException e) {
      return refused(Failure.FETCH_TIMEOUT, url.getHost() + " is too slow: " + e.getMessage());
    } catch (IOException | IllegalArgumentException e) {
      return refused(Failure.FETCH_FAILED, url.getHost() + ": " + e.getMessage());
    }
  }

  /// @param status HTTP's
  private record Asked(int status, Step step) {}

  /// One request. What is left of an answer is not read: the connection is closed instead.
  private Asked ask(URI url, long maxBytes) throws IOException {
    HttpGet request = new HttpGet(url);
    AtomicReference<@Nullable Asked> asked = new AtomicReference<>();
    AtomicBoolean late = new AtomicBoolean();
    Runnable cutOff =
        () -> {
          late.set(true);
          request.abort();
        };
    Future<?> deadline = watch.schedule(cutOff, rules.deadline().toMillis(), TimeUnit.MILLISECONDS);
    try {
      client.execute(
          request,
          response -> {
            Step step = answer(url, response, maxBytes);
            asked.set(new Asked(response.getCode(), step));
            if (!(step instanceof Step.Done(Fetched.Whole _))) {
              request.abort();
            }
            return step;
          });
    } catch (IOException e) {
      if (asked.get() == null) {
        throw late.get() ? new InterruptedIOException("it does not come to an end") : e;
      }
    } finally {
      deadline.cancel(false);
    }
    return Objects.requireNonNull(asked.get());
  }

  private Step answer(URI url, ClassicHttpResponse response, long maxBytes) throws IOException {
    int status = response.getCode();
    Header location = response.getFirstHeader("Location");
    if (status >= 300 && status < 400 && location != null) {
      return redirect(url, location.getValue());
    }
    if (status != 200) {
      return refused(Failure.FETCH_STATUS, url.getHost() + " answers with status " + status);
    }
    List<String> tags =
        Arrays.stream(response.getHeaders("X-Robots-Tag")).map(NameValuePair::getValue).toList();
    if (robots.optOut(tags)) {
      return refused(
          Failure.FETCH_OPTED_OUT,
          "the picture's owner opts out (X-Robots-Tag: " + String.join(", ", tags) + ")");
    }
    HttpEntity body = response.getEntity();
    if (body == null) {
      return refused(ReadResult.Reason.EMPTY_FILE.code(), "the answer has no content");
    }
    return body.getContentLength() > maxBytes ? tooLarge(maxBytes) : content(body, maxBytes);
  }

  private static Step redirect(URI from, String location) {
    try {
      URI to = from.resolve(location.strip());
      String scheme = String.valueOf(to.getScheme());
      return (scheme.equals("http") || scheme.equals("https"))
              && to.getHost() != null
              && to.getUserInfo() == null
          ? new Step.Redirect(to)
          : refused(Failure.FETCH_REDIRECTS, "it redirects to what is not fetched: " + to);
    } catch (IllegalArgumentException _) {
      return refused(Failure.FETCH_REDIRECTS, "it redirects to what is no address: " + location);
    }
  }

  /// Does not close the stream, which would read it to its end.
  private static Step content(HttpEntity body, long maxBytes) throws IOException {
    int limit = (int) Math.min(Integer.MAX_VALUE - 16, maxBytes + 1);
    byte[] bytes = body.getContent().readNBytes(limit);
    return bytes.length > maxBytes ? tooLarge(maxBytes) : new Step.Done(new Fetched.Whole(bytes));
  }

  private static Step tooLarge(long maxBytes) {
    return refused(
        ReadResult.Reason.TOO_LARGE_BYTES.code(), "at most " + maxBytes + " bytes are fetched");
  }

  /// Follows redirects as [#fetch] does, without asking for permission.
  private Robots.Answer robotsFile(URI file) {
    URI at = file;
    try {
      for (int hop = 0; hop <= rules.maxRedirects(); hop++) {
        Asked asked = ask(at, MAX_ROBOTS_BYTES);
        switch (asked.step()) {
          case Step.Redirect(URI to) -> at = to;
          case Step.Done(Fetched.Whole(byte[] content)) -> {
            return new Robots.Answer(200, content);
          }
          case Step.Done(Fetched.Refused _) -> {
            return new Robots.Answer(asked.status(), new byte[0]);
          }
        }
      }
    } catch (UnknownHostException _) {
      // There is nobody to forbid anything; the picture's own request says what is wrong.
      return new Robots.Answer(404, new byte[0]);
    } catch (IOException | IllegalArgumentException _) {
      return new Robots.Answer(0, new byte[0]);
    }
    return new Robots.Answer(0, new byte[0]);
  }

  @Override
  public void close() {
    watch.shutdownNow();
    try {
      client.close();
    } catch (IOException _) {
      // Nothing is lost: connections only.
    }
  }
}
