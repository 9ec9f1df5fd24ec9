package gill.web.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

/// The mixture of requests that a server sees in its life, right ones and wrong ones. What request
/// `i` is depends on the seed and `i` alone.
final class SoakRequests {
  private static final long SEED = 20261128;
  private static final int SESSIONS = 50;
  // Fewer than usual: a step leaves behind what every other does, and half of the time was theirs.
  private static final String STEPS = ", \"num_inference_steps\": 8";
  private static final Pattern IMAGE = Pattern.compile("\"url\":\"(/v1/images/[^\"]+)\"");

  /// @param share of 100 requests
  enum Kind {
    CHAT(25),
    LOOKUP(20),
    SEARCH(20),
    IMAGE_FILE(15),
    GENERATION(5),
    BAD_INPUT(10),
    LEAVE(5);

    private final int share;

    Kind(int share) {
      this.share = share;
    }
  }

  /// @param expected whether the status is one that this request may have
  record Outcome(Kind kind, int status, boolean expected) {}

  private static final List<String> BAD =
      List.of(
          "{\"prompt\": ",
          "{\"promt\": \"a\"}",
          "{\"prompt\": 7}",
          "{\"prompt\": \"\"}",
          "{\"prompt\": \"a\", \"k\": -1}",
          "{\"prompt\": \"a\", \"messages\": []}",
          "[".repeat(2000),
          "\u0000");

  private final LoadClient client;
  private final List<String> images;
  private final String picture;

  /// Asks what images there are.
  SoakRequests(LoadClient client) throws IOException, InterruptedException {
    this.client = client;
    String found = text(client.post("/v1/search", "{\"text\": \"picture\", \"limit\": 50}"));
    this.images = IMAGE.matcher(found).results().map(it -> it.group(1)).distinct().toList();
    if (images.isEmpty()) {
      throw new IllegalStateException("the server's corpus shows no image: " + found);
    }
    HttpResponse<byte[]> file =
        client.send(client.request(images.getFirst()).build(), BodyHandlers.ofByteArray());
    String type = file.headers().firstValue("Content-Type").orElse("image/png");
    this.picture = "data:" + type + ";base64," + Base64.getEncoder().encodeToString(file.body());
  }

  private String text(HttpRequest request) throws IOException, InterruptedException {
    return client.send(request, BodyHandlers.ofString()).body();
  }

  private static Random random(int index) {
    return new Random(SEED * 31 + index * 2654435761L);
  }

  private static Kind kind(int index) {
    int at = random(index).nextInt(100);
    for (Kind kind : Kind.values()) {
      if (at < kind.share) {
        return kind;
      }
      at -= kind.share;
    }
    throw new IllegalStateException("the shares must sum up to 100");
  }

  /// Sends request `index` and reads its answer, but for those that leave.
  Outcome send(int index) throws InterruptedException {
    Kind kind = kind(index);
    Random random = random(index);
    random.nextInt();
    String prompt = Ask.prompt(random.nextInt(1000));
    try {
      int status =
          switch (kind) {
            case CHAT -> status(chat(random, prompt));
            case LOOKUP ->
                status(
                    client.post(
                        "/v1/lookup", "{\"prompt\": \"" + prompt + "\", \"k\": 5" + STEPS + "}"));
            case SEARCH -> status(search(random, prompt));
            case IMAGE_FILE -> status(file(random));
            case GENERATION ->
                status(
                    client.post(
                        "/v1/images/generations",
                        "{\"prompt\": \"" + prompt + "\", \"seed\": " + index + STEPS + "}"));
            case BAD_INPUT ->
                status(client.post("/v1/lookup", BAD.get(random.nextInt(BAD.size()))));
            case LEAVE -> leave(random, prompt);
          };
      return new Outcome(kind, status, expected(kind, status));
    } catch (IOException _) {
      return new Outcome(kind, 0, false);
    }
  }

  private static boolean expected(Kind kind, int status) {
    return kind == Kind.BAD_INPUT
        ? status >= 400 && status < 500
        : status == 200 || status == 204 || status == 503;
  }

  private int status(HttpRequest request) throws IOException, InterruptedException {
    return client.send(request, BodyHandlers.discarding()).statusCode();
  }

  private HttpRequest chat(Random random, String prompt) {
    String session = "soak-" + random.nextInt(SESSIONS);
    int choice = random.nextInt(10);
    if (choice == 0) {
      return client.post("/v1/chat/completions", conversation(session, prompt));
    }
    String content =
        choice == 1
            ? "[{\"type\": \"text\", \"text\": \"what is this?\"}, {\"type\": \"image_url\","
                + " \"image_url\": {\"url\": \""
                + picture
                + "\"}}]"
            : "\"show me " + prompt + "\"";
    return client.post(
        "/v1/chat/completions",
        "{\"stream\": "
            + random.nextBoolean()
            + ", \"max_tokens\": 16, \"image_mode\": \"retrieve\", \"messages\": [{\"role\":"
            + " \"user\", \"content\": "
            + content
            + "}]}");
  }

  // From the first message on, so that no session grows without end.
  private static String conversation(String session, String prompt) {
    return "{\"session_id\": \""
        + session
        + "\", \"max_tokens\": 16, \"image_mode\": \"retrieve\", \"from_message\": 0,"
        + " \"messages\": [{\"role\": \"user\", \"content\": \""
        + prompt
        + "\"}]}";
  }

  private HttpRequest search(Random random, String prompt) {
    String query =
        random.nextInt(4) == 0
            ? "{\"query\": [{\"text\": \"" + prompt + "\"}, {\"image\": \"" + picture + "\"}]}"
            : "{\"text\": \"" + prompt + "\", \"limit\": 20}";
    return client.post("/v1/search", query);
  }

  private HttpRequest file(Random random) {
    String image = images.get(random.nextInt(images.size()));
    return client.request(random.nextInt(4) == 0 ? image + "/similar?limit=5" : image).build();
  }

  /// Reads the beginning of a stream and hangs up.
  private int leave(Random random, String prompt) throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        client.send(
            client.post(
                "/v1/chat/completions",
                "{\"stream\": true, \"image_mode\": \"generate\", \"messages\": [{\"role\":"
                    + " \"user\", \"content\": \""
                    + prompt
                    + "\"}]}"),
            BodyHandlers.ofInputStream());
    try (InputStream in = response.body()) {
      in.readNBytes(1 + random.nextInt(400));
    }
    return response.statusCode();
  }
}
