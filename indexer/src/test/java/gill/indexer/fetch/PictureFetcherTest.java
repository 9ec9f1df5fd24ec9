package gill.indexer.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import gill.indexer.flow.Failure;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Against real HTTP servers on this machine.
class PictureFetcherTest {
  private static final byte[] PICTURE = "as if a picture".getBytes(StandardCharsets.UTF_8);
  private static final FetchRules LOCAL =
      FetchRules.DEFAULT
          .withPrivateAddresses(true)
          .withTimes(Duration.ofSeconds(2), Duration.ofSeconds(3));

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
  private HttpServer server;
  private volatile String robots = "";

  PictureFetcherTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void start() {
    server.setExecutor(threads);
    serve(
        "/robots.txt",
        exchange -> {
          byte[] text = robots.getBytes(StandardCharsets.UTF_8);
          if (text.length == 0) {
            exchange.sendResponseHeaders(404, -1);
          } else {
            send(exchange, text);
          }
        });
    serve("/picture", exchange -> send(exchange, PICTURE));
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private void serve(String path, Answer answer) {
    server.createContext(
        path,
        exchange -> {
          asked.computeIfAbsent(path, _ -> new AtomicInteger()).incrementAndGet();
          try (exchange) {
            answer.to(exchange);
          }
        });
  }

  private static void send(HttpExchange exchange, byte[] bytes) throws IOException {
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private int asked(String path) {
    return asked.getOrDefault(path, new AtomicInteger()).get();
  }

  private URI url(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private static Fetched fetch(FetchRules rules, URI url) {
    try (PictureFetcher fetcher = new PictureFetcher(rules)) {
      return fetcher.fetch(url, 1000);
    }
  }

  private static String reason(Fetched fetched) {
    return assertInstanceOf(Fetched.Refused.class, fetched).reason();
  }

  @Test
  void picture_isFetched() {
    Fetched.Whole whole =
        assertInstanceOf(Fetched.Whole.class, fetch(LOCAL, url("/picture?x=1#part")));
    assertArrayEquals(PICTURE, whole.bytes());
  }

  @Test
  void privateAddress_isRefused_unlessAllowed() {
    assertEquals(Failure.FETCH_PRIVATE, reason(fetch(FetchRules.DEFAULT, url("/picture"))));
    assertEquals(
        Failure.FETCH_PRIVATE,
        reason(
            fetch(
                FetchRules.DEFAULT,
                URI.create("http://localhost:" + server.getAddress().getPort() + "/picture"))));
    assertEquals(0, asked("/picture"));
    assertEquals(0, asked("/robots.txt"));
  }

  @Test
  void redirectToAPrivateAddress_isRefused() throws IOException {
    HttpServer inner =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    AtomicInteger reached = new AtomicInteger();
    inner.createContext(
        "/",
        exchange -> {
          reached.incrementAndGet();
          try (exchange) {
            send(exchange, PICTURE);
          }
        });
    inner.start();
    serve(
        "/away",
        exchange -> {
          exchange
              .getResponseHeaders()
              .add("Location", "http://inner.test:" + inner.getAddress().getPort() + "/");
          exchange.sendResponseHeaders(302, -1);
        });
    // The first host counts as public; the second is what it is.
    NameService names =
        host -> new InetAddress[] {InetAddress.getByAddress(host, new byte[] {127, 0, 0, 1})};
    CheckedNames checked = new CheckedNames(names, false);
    try (PictureFetcher fetcher =
        new PictureFetcher(
            LOCAL,
            host -> host.equals("outer.test") ? names.resolve(host) : checked.resolve(host))) {
      URI outer = URI.create("http://outer.test:" + server.getAddress().getPort());
      assertInstanceOf(Fetched.Whole.class, fetcher.fetch(outer.resolve("/picture"), 1000));
      assertEquals(Failure.FETCH_PRIVATE, reason(fetcher.fetch(outer.resolve("/away"), 1000)));
      assertEquals(0, reached.get());
    } finally {
      inner.stop(0);
    }
  }

  @Test
  void nameThatAnswersDifferentlyLater_gainsNothing() {
    server.removeContext("/robots.txt");
    serve(
        "/robots.txt",
        exchange -> {
          exchange.getResponseHeaders().add("Connection", "close");
          send(exchange, "User-agent: *".getBytes(StandardCharsets.UTF_8));
        });
    AtomicInteger lookUps = new AtomicInteger();
    CheckedNames checked =
        new CheckedNames(
            host -> new InetAddress[] {InetAddress.getByAddress(host, new byte[] {127, 0, 0, 1})},
            false);
    // Counts as public for the first connection, and is what it is when asked again.
    NameService rebinding =
        host ->
            lookUps.getAndIncrement() == 0
                ? new InetAddress[] {InetAddress.getLoopbackAddress()}
                : checked.resolve(host);
    try (PictureFetcher fetcher = new PictureFetcher(LOCAL, rebinding)) {
      URI url = URI.create("http://rebinding.test:" + server.getAddress().getPort() + "/picture");
      assertEquals(Failure.FETCH_PRIVATE, reason(fetcher.fetch(url, 1000)));
    }
    // One look-up a connection: none between the check and the connection.
    assertEquals(2, lookUps.get());
    assertEquals(1, asked("/robots.txt"));
    assertEquals(0, asked("/picture"));
  }

  @Test
  void unknownHost_andClosedPort_areFailures() {
    try (PictureFetcher fetcher =
        new PictureFetcher(
            LOCAL,
            host -> {
              throw new UnknownHostException(host);
            })) {
      assertEquals(
          Failure.FETCH_FAILED, reason(fetcher.fetch(URI.create("http://nobody.test/a.jpg"), 10)));
    }
    URI closed = url("/picture");
    server.stop(0);
    assertInstanceOf(Fetched.Refused.class, fetch(LOCAL, closed));
  }

  @Test
  void robotsTxt_isObeyed_andReadOnce() {
    robots = "User-agent: *\nDisallow: /picture\n\nUser-agent: gill-indexer\nDisallow: /private\n";
    serve("/private", exchange -> send(exchange, PICTURE));
    try (PictureFetcher fetcher = new PictureFetcher(LOCAL)) {
      assertInstanceOf(Fetched.Whole.class, fetcher.fetch(url("/picture"), 1000));
      assertEquals(Failure.FETCH_ROBOTS, reason(fetcher.fetch(url("/private/a.jpg"), 1000)));
    }
    try (PictureFetcher other = new PictureFetcher(LOCAL.withUserAgent("other/2"))) {
      assertEquals(Failure.FETCH_ROBOTS, reason(other.fetch(url("/picture"), 1000)));
    }
    assertEquals(0, asked("/private"));
    assertEquals(2, asked("/robots.txt"));
  }

  @Test
  void hostThatCannotSay_isLeftAlone() {
    server.removeContext("/robots.txt");
    serve("/robots.txt", exchange -> exchange.sendResponseHeaders(503, -1));
    assertEquals(Failure.FETCH_ROBOTS, reason(fetch(LOCAL, url("/picture"))));
    assertEquals(0, asked("/picture"));
  }

  @Test
  void optOutInTheAnswer_isObeyed() {
    List<String> tags = List.of("noai", "all, NoImageAI", "noindex", "gill-indexer: noai");
    for (int i = 0; i < tags.size(); i++) {
      String tag = tags.get(i);
      serve(
          "/tagged" + i,
          exchange -> {
            exchange.getResponseHeaders().add("X-Robots-Tag", tag);
            send(exchange, PICTURE);
          });
      assertEquals(Failure.FETCH_OPTED_OUT, reason(fetch(LOCAL, url("/tagged" + i))), tag);
    }
    serve(
        "/others",
        exchange -> {
          exchange.getResponseHeaders().add("X-Robots-Tag", "otherbot: noai");
          exchange.getResponseHeaders().add("X-Robots-Tag", "nofollow");
          send(exchange, PICTURE);
        });
    assertInstanceOf(Fetched.Whole.class, fetch(LOCAL, url("/others")));
  }

  @Test
  void redirects_areFollowed_butNotForEver() {
    serve("/once", exchange -> redirect(exchange, "/picture"));
    serve("/circle", exchange -> redirect(exchange, "/circle"));
    serve("/file", exchange -> redirect(exchange, "file:///etc/passwd"));
    assertInstanceOf(Fetched.Whole.class, fetch(LOCAL, url("/once")));
    assertEquals(Failure.FETCH_REDIRECTS, reason(fetch(LOCAL, url("/circle"))));
    assertEquals(LOCAL.maxRedirects() + 1, asked("/circle"));
    assertEquals(Failure.FETCH_REDIRECTS, reason(fetch(LOCAL, url("/file"))));
  }

  private static void redirect(HttpExchange exchange, String to) throws IOException {
    exchange.getResponseHeaders().add("Location", to);
    exchange.sendResponseHeaders(302, -1);
  }

  @Test
  void otherStatus_isAFailure() {
    serve("/gone", exchange -> exchange.sendResponseHeaders(410, -1));
    Fetched.Refused gone = assertInstanceOf(Fetched.Refused.class, fetch(LOCAL, url("/gone")));
    assertEquals(Failure.FETCH_STATUS, gone.reason());
    assertTrue(gone.message().contains("410"), gone.message());
  }

  @Test
  void tooLargeAnswers_areCutOff_declaredOrNot() throws InterruptedException {
    CountDownLatch cut = new CountDownLatch(2);
    serve(
        "/declared",
        exchange -> {
          exchange.sendResponseHeaders(200, 1L << 40);
          endless(exchange.getResponseBody(), cut);
        });
    serve(
        "/endless",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          endless(exchange.getResponseBody(), cut);
        });
    assertEquals("too_large_bytes", reason(fetch(LOCAL, url("/declared"))));
    assertEquals("too_large_bytes", reason(fetch(LOCAL, url("/endless"))));
    assertTrue(cut.await(20, TimeUnit.SECONDS), "read to the end");
  }

  private static void endless(OutputStream out, CountDownLatch cut) {
    try {
      for (int i = 0; i < 100_000; i++) {
        out.write(new byte[4096]);
      }
    } catch (IOException _) {
      // The fetcher has hung up.
      cut.countDown();
    }
  }

  @Test
  void slowAnswers_areCutOff() {
    serve("/silent", _ -> LockSupport.parkNanos(Duration.ofSeconds(20).toNanos()));
    serve(
        "/dripping",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          for (int i = 0; i < 200; i++) {
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
          }
        });
    long start = System.nanoTime();
    assertEquals(Failure.FETCH_TIMEOUT, reason(fetch(LOCAL, url("/silent"))));
    assertEquals(Failure.FETCH_TIMEOUT, reason(fetch(LOCAL, url("/dripping"))));
    assertTrue(System.nanoTime() - start < Duration.ofSeconds(18).toNanos(), "waited too long");
  }

  @Test
  void oneHost_isAskedByFewAtATime() throws Exception {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    serve(
        "/counted",
        exchange -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          LockSupport.parkNanos(Duration.ofMillis(40).toNanos());
          now.decrementAndGet();
          send(exchange, PICTURE);
        });
    try (PictureFetcher fetcher = new PictureFetcher(LOCAL.withPerHost(2));
        ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Fetched>> all = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        URI url = url("/counted/" + i);
        all.add(many.submit(() -> fetcher.fetch(url, 1000)));
      }
      for (Future<Fetched> fetched : all) {
        assertInstanceOf(Fetched.Whole.class, fetched.get());
      }
    }
    assertTrue(most.get() <= 2, most + " at a time");
  }

  @Test
  void crawlDelay_isKept() {
    robots = "User-agent: *\nCrawl-delay: 1\n";
    try (PictureFetcher fetcher = new PictureFetcher(LOCAL)) {
      long start = System.nanoTime();
      fetcher.fetch(url("/picture"), 1000);
      fetcher.fetch(url("/picture"), 1000);
      assertTrue(System.nanoTime() - start >= Duration.ofMillis(950).toNanos());
    }
  }
}
