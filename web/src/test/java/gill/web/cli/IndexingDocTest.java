package gill.web.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import gill.engine.testing.TinyBundle;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Every `./gill index` and `./gill corpus` command of docs/indexing.md, run in the document's
/// order on a small corpus with the tiny bundle, and every option of theirs.
class IndexingDocTest {
  private static final Path DOC = Path.of("..", "docs", "indexing.md");
  private static final Pattern BLOCK =
      Pattern.compile("^```\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private HttpServer server;

  IndexingDocTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void prepare() throws IOException {
    TinyBundle.copyTo(folder);
    Files.createDirectories(folder.resolve("photos/animals"));
    for (int i = 0; i < 6; i++) {
      picture(folder.resolve("photos/animals/p%d.png".formatted(i)), 0x203050 + 0x1a2b3c * i);
    }
    picture(folder.resolve("photos/copy.png"), 0x203050);
    Files.write(folder.resolve("photos/broken.png"), new byte[] {1, 2, 3});
    tagger();
    server.createContext(
        "/",
        exchange -> {
          byte[] bytes =
              exchange.getRequestURI().getPath().startsWith("/p")
                  ? Files.readAllBytes(folder.resolve("photos/animals/p0.png"))
                  : new byte[0];
          exchange.sendResponseHeaders(
              bytes.length > 0 ? 200 : 404, bytes.length > 0 ? bytes.length : -1);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    String base = "http://127.0.0.1:" + server.getAddress().getPort();
    Files.writeString(
        folder.resolve("addresses.csv"),
        "url,caption\n" + base + "/p0.png,the first\n" + base + "/gone.png,not there\n");
    Files.writeString(folder.resolve("addresses.txt"), "# a list\n" + base + "/p1.png\n");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static void picture(Path file, int rgb) throws IOException {
    BufferedImage image = new BufferedImage(12, 10, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 120; i++) {
      image.setRGB(i % 12, i / 12, i % 7 == 0 ? ~rgb & 0xffffff : rgb & 0xffffff);
    }
    assertTrue(ImageIO.write(image, "png", file.toFile()));
  }

  private void tagger() throws IOException {
    Path tagger = Files.createDirectories(folder.resolve("my-tagger"));
    Path vision = folder.resolve("tiny-bundle/vision_encoder");
    // Any graph of pixel_values will do; the tiny bundle's tower has so many outputs.
    Files.copy(
        vision.resolve("preprocessor_config.json"), tagger.resolve("preprocessor_config.json"));
    try (InputStream in = getClass().getResourceAsStream("/tagger/model.onnx")) {
      if (in == null) {
        throw new IOException("the test resource tagger/model.onnx is missing");
      }
      Files.write(tagger.resolve("model.onnx"), in.readAllBytes());
    }
    Files.writeString(tagger.resolve("labels.txt"), "red\ngreen\nblue\n");
    Files.writeString(tagger.resolve("tagger.properties"), "name = colour\nthreshold = 0.3\n");
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine gill = Gill.commandLine();
    gill.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return gill.execute(arguments);
  }

  private static List<String> commands() throws IOException {
    List<String> commands = new ArrayList<>();
    Matcher blocks = BLOCK.matcher(Files.readString(DOC));
    while (blocks.find()) {
      blocks
          .group(1)
          .lines()
          .map(line -> line.replaceAll("\\s+#.*", "").strip())
          .filter(line -> line.startsWith("./gill "))
          .forEach(commands::add);
    }
    return commands;
  }

  private String[] arguments(String command) {
    List<String> arguments = new ArrayList<>();
    for (String word : command.split("\\s+")) {
      if (!word.equals("./gill")) {
        arguments.add(word);
      }
    }
    for (int i = 0; i < arguments.size(); i++) {
      String word = arguments.get(i);
      if (word.startsWith("models/")) {
        arguments.set(i, folder.resolve("tiny-bundle").toString());
      } else if (!word.startsWith("-") && isPath(word)) {
        arguments.set(i, folder.resolve(word).toString());
      }
    }
    if (arguments.getFirst().equals("index") && !arguments.contains("--bundle")) {
      arguments.addAll(List.of("--bundle", folder.resolve("tiny-bundle").toString()));
    }
    return arguments.toArray(String[]::new);
  }

  private static boolean isPath(String word) {
    return Map.of(
                "photos", 1,
                "my-index", 1,
                "my-tagger", 1,
                "vectors", 1,
                "again", 1,
                "blue", 1,
                "green", 1,
                "next", 1)
            .containsKey(word)
        || word.matches("[a-z-]+\\.(txt|csv)");
  }

  @Test
  void everyCommand_ofTheDocument_doesWhatItSays() throws IOException {
    List<String> commands = commands();
    assertTrue(commands.size() > 12, commands.toString());
    for (String command : commands) {
      if (command.startsWith("./gill serve")) {
        continue;
      }
      assertEquals(0, run(arguments(command)), command + "\n" + err + out);
    }
    assertTrue(Files.exists(folder.resolve("my-index/indexing-report.html")));
  }

  @Test
  void everyOption_ofIndexAndCorpus_isInTheDocument() throws IOException {
    String text = Files.readString(DOC);
    CommandLine gill = Gill.commandLine();
    CommandLine corpus = Objects.requireNonNull(gill.getSubcommands().get("corpus"));
    List<CommandLine> all =
        new ArrayList<>(List.of(Objects.requireNonNull(gill.getSubcommands().get("index"))));
    all.addAll(corpus.getSubcommands().values());
    TreeSet<String> missing = new TreeSet<>();
    for (CommandLine command : all) {
      for (var option : command.getCommandSpec().options()) {
        String name = option.longestName();
        if (!option.hidden()
            && !List.of("--help", "--version").contains(name)
            && !text.contains(name)) {
          missing.add(command.getCommandName() + " " + name);
        }
      }
    }
    assertEquals(new TreeSet<>(), missing);
  }

  @Test
  void flags_ofIndex_reachTheJob() throws IOException {
    String index = folder.resolve("flags").toString();
    String photos = folder.resolve("photos").toString();
    String bundle = folder.resolve("tiny-bundle").toString();
    assertEquals(
        0,
        run(
            "index",
            photos,
            "--out",
            index,
            "--bundle",
            bundle,
            "--near-duplicates",
            "drop",
            "--quality",
            "--tagger",
            folder.resolve("my-tagger").toString(),
            "--failures-parquet",
            "--vector-format",
            "int7",
            "--json"),
        err.toString());
    JsonNode report = JsonMapper.shared().readTree(out.toString());
    assertEquals(6, report.get("images").asInt(), out.toString());
    assertEquals(1, report.get("near_duplicates_dropped").asInt());
    assertEquals(1, report.get("failed").asInt());
    assertTrue(Files.exists(Path.of(index, "indexing-failures.parquet")));

    assertEquals(
        0,
        run(
            "index",
            photos,
            "--out",
            index,
            "--bundle",
            bundle,
            "--update",
            "--near-duplicates",
            "drop",
            "--quality",
            "--tagger",
            folder.resolve("my-tagger").toString(),
            "--json"),
        err.toString());
    assertEquals(6, JsonMapper.shared().readTree(out.toString()).get("unchanged").asInt());

    picture(folder.resolve("photos/broken.png"), 0x123456);
    assertEquals(
        0,
        run("index", photos, "--out", index, "--bundle", bundle, "--retry-failed"),
        err.toString());
    assertTrue(out.toString().contains("7 images indexed"), out.toString());

    for (String[] wrong :
        new String[][] {
          {"--near-duplicates", "perhaps"},
          {"--near-duplicate-cosine", "7"},
          {"--per-host", "0"},
          {"--tagger", photos},
          {"--update", "--dry-run"}
        }) {
      List<String> all =
          new ArrayList<>(List.of("index", photos, "--out", index, "--bundle", bundle));
      all.addAll(Arrays.asList(wrong));
      assertTrue(run(all.toArray(String[]::new)) != 0, String.join(" ", wrong));
      assertFalse(err.toString().contains("\tat "), err.toString());
    }
  }

  @Test
  void addressesOfThisMachine_areRefused_unlessAllowed() {
    String list = folder.resolve("addresses.csv").toString();
    String index = folder.resolve("fetched").toString();
    String bundle = folder.resolve("tiny-bundle").toString();
    assertEquals(1, run("index", list, "--out", index, "--bundle", bundle));
    assertTrue(err.toString().contains("fetch_private_address=2"), err.toString());
    assertEquals(
        0,
        run("index", list, "--out", index, "--bundle", bundle, "--allow-private-addresses"),
        err.toString());
    assertTrue(out.toString().contains("1 fetch_status"), out.toString());
    assertTrue(Files.isDirectory(folder.resolve("fetched-pictures")));
  }

  @Test
  void help_ofIndex_tellsAnOperatorWhatToDo() {
    assertEquals(0, run("index", "--help"));
    String help = out.toString();
    for (String word :
        List.of(
            "a folder of images",
            "a manifest",
            "a list of addresses",
            "archives",
            "img2dataset",
            "vectors",
            "JPEG, PNG, WebP, GIF, BMP, TIFF or SVG",
            "--dry-run",
            "--retry-failed",
            "indexing-failures.jsonl",
            "indexing-report.html",
            "./gill index photos --out",
            "./gill search",
            "Exit code: 0")) {
      assertTrue(help.contains(word), word + " is not in\n" + help);
    }
    assertTrue(help.lines().allMatch(line -> line.length() <= 80), help);
  }
}
