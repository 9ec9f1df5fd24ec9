package gill.indexer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.retrieval.ImageSelector;
import gill.engine.retrieval.LuceneBackend;
import gill.engine.retrieval.SearchBackend;
import gill.engine.retrieval.TakedownList;
import gill.indexer.IndexingPlan.Mode;
import gill.indexer.fetch.FetchRules;
import gill.indexer.flow.Changes;
import gill.indexer.flow.Failure;
import gill.indexer.flow.IndexingReport;
import gill.indexer.read.CorpusSource;
import gill.indexer.read.SourceOptions;
import java.io.ByteArrayOutputStream;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Captions beside and inside of pictures, and the folders that img2dataset and clip-retrieval
/// leave (`src/test/resources/sources/make.py`).
class FurtherSourcesTest {
  @TempDir Path temporary;
  private Path corpus = Path.of("");
  private Path index = Path.of("");

  @BeforeEach
  void corpus() throws IOException {
    corpus = Files.createDirectory(temporary.resolve("corpus"));
    index = temporary.resolve("index");
  }

  private IndexingReport run(Mode mode) {
    return new IndexingJob(new ColourEmbedder())
        .run(
            IndexingPlan.of(CorpusSource.open(corpus, temporary.resolve("pictures")), index)
                .withMode(mode),
            IndexingListener.NONE);
  }

  private ImageRecord found(String id) {
    try (SearchBackend backend = LuceneBackend.open(index, ColourEmbedder.BUNDLE)) {
      return backend.find(new ImageId(id)).orElseThrow();
    }
  }

  private void resource(String name, String to) throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/sources/" + name)) {
      if (in == null) {
        throw new IOException("the test resource sources/" + name + " is missing");
      }
      Pictures.write(corpus.resolve(to), in.readAllBytes());
    }
  }

  @Test
  void sidecarJson_describesAPicture_andTheTextFileIsItsCaption() throws IOException {
    Pictures.write(corpus.resolve("a.png"), 0xff0000);
    Files.writeString(
        corpus.resolve("a.json"),
        "{\"caption\": \"by json\", \"author\": \"A. Painter\", \"sha256\": \"of the original\","
            + " \"file\": \"../else\", \"likes\": 7}");
    Pictures.write(corpus.resolve("b.png"), 0x00ff00);
    Files.writeString(corpus.resolve("b.json"), "{\"text\": \"other name\"}");
    Pictures.write(corpus.resolve("c.png"), 0x0000ff);
    Files.writeString(corpus.resolve("c.json"), "{\"caption\": \"by json\"}");
    Files.writeString(corpus.resolve("c.txt"), "by  text\n");
    Pictures.write(corpus.resolve("d.png"), 0xffff00);
    Files.writeString(corpus.resolve("d.json"), "no json");
    IndexingReport report = run(Mode.REPLACE);
    assertEquals(Map.of(Failure.BAD_MANIFEST_LINE, 1L), report.failuresByReason());
    assertEquals("d.png", report.failures().getFirst().id());
    ImageRecord a = found("a.png");
    assertEquals("by json", a.caption());
    assertEquals("A. Painter", a.author());
    assertEquals("a.png", a.location());
    assertEquals("7", a.metadata().get("likes"));
    assertEquals("of the original", a.metadata().get("original_sha256"));
    assertEquals("other name", found("b.png").caption());
    assertEquals("by text", found("c.png").caption());
  }

  @Test
  void titleInsideOfAPicture_isItsCaption() throws IOException {
    byte[] jpeg = Pictures.bytes("jpg", 16, 16, 0xff0000);
    byte[] iptc =
        concat(
            "Photoshop 3.0\0" + "8BIM\u0004\u0004\0\0",
            "\0\0\0\u0013",
            "\u001c\u0002\u0078\0\u000e" + "a red painting",
            "\0");
    Pictures.write(corpus.resolve("iptc.jpg"), with(jpeg, 0xed, iptc));
    String xmp =
        "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF"
            + " xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description"
            + " xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title><rdf:Alt><rdf:li"
            + " xml:lang='x-default'>a red title</rdf:li></rdf:Alt></dc:title></rdf:Description>"
            + "</rdf:RDF></x:xmpmeta>";
    Pictures.write(corpus.resolve("xmp.jpg"), with(jpeg, 0xe1, concat(xmp)));
    Pictures.write(corpus.resolve("text_first.jpg"), with(jpeg, 0xed, iptc));
    Files.writeString(corpus.resolve("text_first.txt"), "the text file");
    Pictures.write(corpus.resolve("no_title.jpg"), jpeg);
    assertEquals(4, run(Mode.REPLACE).images());
    assertEquals("a red painting", found("iptc.jpg").caption());
    assertEquals("a red title", found("xmp.jpg").caption());
    assertEquals("the text file", found("text_first.jpg").caption());
    assertEquals("no title", found("no_title.jpg").caption());
  }

  /// A JPEG with one more segment after its beginning.
  private static byte[] with(byte[] jpeg, int marker, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    out.write(0xff);
    out.write(marker);
    out.write((content.length + 2) >> 8);
    out.write(content.length + 2);
    out.writeBytes(content);
    out.write(jpeg, 2, jpeg.length - 2);
    return out.toByteArray();
  }

  private static byte[] concat(String... parts) {
    return String.join("", parts).getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void img2datasetFolders_areReadThroughTheirTables() throws IOException {
    resource("downloads/00000.parquet", "00000.parquet");
    Pictures.write(corpus.resolve("00001.parquet.crc"), new byte[] {1});
    IndexingReport bytes = run(Mode.UPDATE);
    assertEquals(2, bytes.images());
    assertEquals(Map.of(Failure.NOT_DOWNLOADED, 1L), bytes.failuresByReason());
    assertEquals(
        "failed_to_download: HTTP Error 404: Not Found", bytes.failures().getFirst().message());
    ImageRecord red = found("00000/000000000.jpg");
    assertEquals("a red field", red.caption());
    assertEquals("https://example.org/red.jpg", red.metadata().get("url"));
    assertEquals("640", red.metadata().get("original_width"));
    assertEquals(16, red.width());
    assertTrue(Files.isRegularFile(temporary.resolve("pictures/00000/000000000.jpg")));
    assertEquals(new Changes(0, 0, 2, 0), run(Mode.UPDATE).changes());
  }

  @Test
  void clipRetrievalFolder_ofAnotherTool_isAListOfPictures() throws IOException {
    resource("vectors/img_emb/img_emb_0.npy", "img_emb/img_emb_0.npy");
    resource("vectors/metadata/metadata_0.parquet", "metadata/metadata_0.parquet");
    Path images = Files.createDirectory(temporary.resolve("images"));
    Pictures.write(images.resolve("red.png"), 0xff0000);
    Pictures.write(images.resolve("green.png"), 0x00ff00);
    CorpusSource source =
        CorpusSource.open(
            corpus, SourceOptions.of(temporary.resolve("pictures")).withImages(images));
    IndexingReport report =
        new IndexingJob(new ColourEmbedder())
            .run(IndexingPlan.of(source, index), IndexingListener.NONE);
    assertEquals(2, report.images());
    assertEquals("a red one", found("red.png").caption());
    assertEquals("green", found("green.png").caption());
  }

  @Test
  void addressTakenDown_isNotEvenAskedFor() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] red = Pictures.bytes("png", 8, 8, 0xff0000);
    server.createContext(
        "/",
        exchange -> {
          boolean picture = exchange.getRequestURI().getPath().endsWith(".png");
          asked.addAndGet(picture ? 1 : 0);
          exchange.sendResponseHeaders(picture ? 200 : 404, picture ? red.length : -1);
          if (picture) {
            exchange.getResponseBody().write(red);
          }
          exchange.close();
        });
    server.start();
    try {
      String base = "http://127.0.0.1:" + server.getAddress().getPort();
      Path list = corpus.resolve("list.csv");
      Files.writeString(
          list, "url,caption\n" + base + "/gone.png,x\n" + base + "/here.png,a red one\n");
      Files.createDirectories(index);
      new TakedownList(Set.of(new ImageSelector(ImageSelector.Kind.URL, base + "/gone.png")))
          .write(index);
      CorpusSource source =
          CorpusSource.open(
              list,
              SourceOptions.of(temporary.resolve("pictures"))
                  .withFetching(FetchRules.DEFAULT.withPrivateAddresses(true)));
      IndexingPlan plan = IndexingPlan.of(source, index).withMode(Mode.UPDATE);
      IndexingReport report =
          new IndexingJob(new ColourEmbedder()).run(plan, IndexingListener.NONE);
      assertEquals(Map.of(Failure.TAKEN_DOWN, 1L), report.failuresByReason());
      assertEquals("a red one", found(base + "/here.png").caption());
      assertEquals(1, asked.get());
      // What was fetched is not fetched again.
      assertEquals(
          new Changes(0, 0, 1, 0),
          new IndexingJob(new ColourEmbedder()).run(plan, IndexingListener.NONE).changes());
      assertEquals(1, asked.get());
    } finally {
      server.stop(0);
    }
  }

  @Test
  void dryRun_ofArchives_writesNothing() throws IOException {
    resource("00000.tar", "00000.tar");
    resource("downloads/00000.parquet", "parquet/00000.parquet");
    for (Path source : List.of(corpus, corpus.resolve("parquet"))) {
      Path pictures = temporary.resolve("pictures");
      CorpusSource opened =
          CorpusSource.open(source, SourceOptions.of(pictures).withRehearsal(true));
      IndexingReport report =
          IndexingJob.dryRun(IndexingPlan.of(opened, index), IndexingListener.NONE);
      assertTrue(report.images() >= 2, report.toString());
      assertFalse(Files.exists(pictures));
      assertFalse(Files.exists(index));
    }
    try (Stream<Path> left = Files.list(temporary)) {
      assertEquals(List.of(corpus), left.toList());
    }
  }
}
