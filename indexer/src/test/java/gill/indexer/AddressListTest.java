package gill.indexer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import blue.strategic.parquet.ParquetWriter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import gill.engine.flow.ImageId;
import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.UnitVector;
import gill.engine.flow.VectorField;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.SearchBackend;
import gill.indexer.fetch.FetchRules;
import gill.indexer.flow.IndexingReport;
import gill.indexer.read.CorpusSource;
import gill.indexer.read.SourceOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Lists of addresses in every form, and pictures of every format behind them: the engine's golden
/// pictures (`pillow/`) and drawings, served on this machine.
class AddressListTest {
  private static final List<String> GOLDEN =
      List.of(
          "tiff-rgb-lzw.tif",
          "tiff-pages.tif",
          "tiff-cmyk.tif",
          "jpeg-cmyk.jpg",
          "jpeg-exif-6.jpg",
          "png-16-rgb.png",
          "webp-lossy-alpha.webp",
          "gif-transparent.gif",
          "bmp-24.bmp");

  /// One colour, and a reference that must not be followed.
  private static final String DRAWING =
      """
      <?xml version="1.0"?>
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4">
        <rect width="4" height="4" fill="#4080c0"/>
        <image href="%s/spy.png" width="1" height="1"/>
      </svg>
      """;

  @TempDir Path temporary;
  private final HttpServer server;
  private final Set<String> asked = new ConcurrentSkipListSet<>();

  AddressListTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void start() {
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String name = exchange.getRequestURI().getPath().substring(1);
      asked.add(name);
      byte[] bytes =
          name.startsWith("drawing")
              ? DRAWING.formatted(base()).getBytes(StandardCharsets.UTF_8)
              : GOLDEN.contains(name) ? golden(name) : new byte[0];
      // What a server calls a picture does not matter.
      exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
      exchange.sendResponseHeaders(
          bytes.length > 0 ? 200 : 404, bytes.length > 0 ? bytes.length : -1);
      exchange.getResponseBody().write(bytes);
    }
  }

  private static byte[] golden(String name) throws IOException {
    try (InputStream in = AddressListTest.class.getResourceAsStream("/pillow/" + name)) {
      if (in == null) {
        throw new IOException("the engine's test resource pillow/" + name + " is missing");
      }
      return in.readAllBytes();
    }
  }

  private String base() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private IndexingReport run(Path list) {
    CorpusSource source =
        CorpusSource.open(
            list,
            SourceOptions.of(temporary.resolve("pictures"))
                .withFetching(FetchRules.DEFAULT.withPrivateAddresses(true)));
    return new IndexingJob(new ColourEmbedder())
        .run(IndexingPlan.of(source, temporary.resolve("index")), IndexingListener.NONE);
  }

  @Test
  void picturesOfEveryFormat_areFetchedAndIndexedByTheirColours() throws IOException {
    Path list = temporary.resolve("list.txt");
    List<String> names =
        java.util.stream.Stream.concat(
                GOLDEN.stream(), java.util.stream.Stream.of("drawing.svg", "drawing"))
            .toList();
    Files.write(list, names.stream().map(name -> base() + "/" + name).toList());
    IndexingReport report = run(list);
    assertEquals(Map.of(), report.failuresByReason());
    assertEquals(names.size(), report.images());
    try (SearchBackend backend =
        LuceneBackend.open(temporary.resolve("index"), ColourEmbedder.BUNDLE)) {
      for (String name : GOLDEN) {
        assertFound(backend, name, middle(golden(name + ".expected.png")));
      }
      assertFound(backend, "drawing.svg", new float[] {0x40, 0x80, 0xc0});
      assertFound(backend, "drawing", new float[] {0x40, 0x80, 0xc0});
    }
    assertTrue(asked.contains("robots.txt") && !asked.contains("spy.png"), asked.toString());
  }

  private static float[] middle(byte[] png) throws IOException {
    var image = ImageIO.read(new ByteArrayInputStream(png));
    int rgb = image.getRGB(image.getWidth() / 2, image.getHeight() / 2);
    return new float[] {rgb >> 16 & 0xff, rgb >> 8 & 0xff, rgb & 0xff};
  }

  private void assertFound(SearchBackend backend, String name, float[] colour) {
    double score =
        backend
            .search(
                new RetrievalQuery(VectorField.CLIP, UnitVector.normalise(colour), 100, Set.of()))
            .bestFirst()
            .stream()
            .filter(hit -> hit.id().value().equals(base() + "/" + name))
            .findFirst()
            .orElseThrow(() -> new AssertionError(name + " is not found"))
            .score();
    assertTrue(score > 0.99999, name + ": cosine " + score);
  }

  @Test
  void listsOfEveryForm_areRead() throws IOException {
    Map<String, String> lists =
        Map.of(
            "list.jsonl",
            "{\"url\": \"%1$s/bmp-24.bmp\", \"caption\": \"a bitmap\"}\n{\"url\": \"%1$s/gone\"}\n",
            "list.csv",
            "url,caption\n%1$s/bmp-24.bmp,a bitmap\n%1$s/gone,\n",
            "list.tsv",
            "caption\tURL\na bitmap\t%1$s/bmp-24.bmp\n\t%1$s/gone\n",
            "list.parquet",
            "");
    for (Map.Entry<String, String> list : lists.entrySet()) {
      Path file = temporary.resolve(list.getKey());
      if (list.getValue().isEmpty()) {
        parquet(file);
      } else {
        Files.writeString(file, list.getValue().formatted(base()));
      }
      IndexingReport report = run(file);
      assertEquals(1, report.images(), list.getKey());
      assertEquals(
          "fetch_status",
          report.failuresByReason().keySet().stream().collect(Collectors.joining()),
          list.getKey());
      try (SearchBackend backend =
          LuceneBackend.open(temporary.resolve("index"), ColourEmbedder.BUNDLE)) {
        assertEquals(
            "a bitmap",
            backend.find(new ImageId(base() + "/bmp-24.bmp")).orElseThrow().caption(),
            list.getKey());
      }
    }
  }

  private void parquet(Path file) throws IOException {
    Types.MessageTypeBuilder schema = Types.buildMessage();
    for (String column : List.of("url", "caption")) {
      schema
          .optional(PrimitiveTypeName.BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named(column);
    }
    try (ParquetWriter<Map<String, String>> rows =
        ParquetWriter.writeFile(
            schema.named("row"), file.toFile(), (row, value) -> row.forEach(value::write))) {
      rows.write(Map.of("url", base() + "/bmp-24.bmp", "caption", "a bitmap"));
      rows.write(Map.of("url", base() + "/gone"));
    }
  }
}
