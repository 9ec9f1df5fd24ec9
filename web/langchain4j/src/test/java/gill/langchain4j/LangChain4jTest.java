package gill.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.image.ImageModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.rag.AugmentationRequest;
import dev.langchain4j.rag.DefaultRetrievalAugmentor;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.ContentMetadata;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.rag.query.Metadata;
import dev.langchain4j.rag.query.Query;
import gill.engine.Engine;
import gill.engine.EngineOptions;
import gill.engine.testing.TinyBundle;
import gill.web.Server;
import gill.web.WebOptions;
import gill.web.access.ApiKeys;
import gill.web.access.Scope;
import gill.web.api.Answerer;
import gill.web.api.Api;
import gill.web.cli.Gill;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.imageio.ImageIO;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/// LangChain4j's interfaces against a real server with the tiny bundle, which asks for a key. Its
/// weights are random, so the tests look at what comes with the images and not at what they show.
@TestInstance(Lifecycle.PER_CLASS)
class LangChain4jTest {
  private Engine engine;
  private Server server;
  private GillServer gill;
  private String key = "";

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    Path bundle = TinyBundle.copyTo(folder);
    Path pictures = Files.createDirectories(folder.resolve("pictures"));
    List<Color> colours = List.of(Color.RED, Color.GREEN, Color.BLUE);
    for (int i = 0; i < colours.size(); i++) {
      BufferedImage picture = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
      for (int at = 0; at < 1600; at++) {
        picture.setRGB(at % 40, at / 40, at % (i + 2) == 0 ? 0 : colours.get(i).getRGB());
      }
      ImageIO.write(picture, "png", pictures.resolve("picture-" + i + ".png").toFile());
      Files.writeString(pictures.resolve("picture-" + i + ".txt"), "picture number " + i);
    }
    String index = folder.resolve("index").toString();
    int code =
        Gill.commandLine()
            .execute("index", pictures.toString(), "--out", index, "--bundle", bundle.toString());
    assertEquals(0, code);
    Path state = Files.createDirectories(folder.resolve("state"));
    key = new ApiKeys(state.resolve(Api.KEYS)).create("test", Scope.READ);
    engine = Engine.open(bundle, Path.of(index), EngineOptions.DEFAULT);
    server =
        Server.start(
            Answerer.of(engine),
            EngineOptions.DEFAULT,
            new WebOptions("127.0.0.1", 0, WebOptions.DEFAULT.limits(), state, 0));
    gill = GillServer.at(server.url()).withKey(key);
  }

  @AfterAll
  void stop() {
    server.close();
    engine.close();
  }

  private static BufferedImage pixels(Image image) throws Exception {
    byte[] bytes = Base64.getDecoder().decode(image.base64Data());
    return ImageIO.read(new ByteArrayInputStream(bytes));
  }

  @Test
  void imageModel_retrieving_givesACorpusImageWithItsSource() throws Exception {
    ImageModel model = GillImageModel.of(gill).withMode(GillImageModel.Mode.RETRIEVE);
    Response<Image> response = model.generate("a picture");
    assertEquals("retrieved", response.metadata().get("kind"));
    assertTrue(
        response.metadata().keySet().containsAll(List.of("id", "source", "licence", "author")),
        response.metadata().toString());
    assertEquals("image/png", response.content().mimeType());
    assertEquals(40, pixels(response.content()).getWidth());
    assertTrue(response.content().url().toString().startsWith(server.url() + "v1/images/"));
    Response<List<Image>> three = model.generate("a picture", 3);
    assertEquals(3, three.content().stream().map(Image::url).distinct().count());
  }

  @Test
  void imageModel_drawing_isRepeatable_andSaysHow() throws Exception {
    GillImageModel model =
        GillImageModel.of(gill).withMode(GillImageModel.Mode.GENERATE).withSeed(5);
    Response<List<Image>> two = model.generate("a house", 2);
    assertEquals("generated", two.metadata().get("kind"));
    assertEquals(5L, two.metadata().get("seed"));
    assertEquals(2, two.content().stream().map(Image::base64Data).distinct().count());
    Response<Image> second = model.withSeed(6).generate("a house");
    assertEquals(two.content().get(1).base64Data(), second.content().base64Data());
    assertTrue(pixels(second.content()).getWidth() > 0);
  }

  @Test
  void contentRetriever_givesCaptionsWithTheImagesBesideThem() {
    ContentRetriever retriever = GillContentRetriever.of(gill).withMaxResults(2);
    List<Content> contents = retriever.retrieve(Query.from("picture number 1"));
    assertEquals(2, contents.size());
    TextSegment first = contents.getFirst().textSegment();
    assertTrue(first.text().startsWith("picture number"), first.text());
    String url = first.metadata().getString("url");
    assertTrue(url != null && url.startsWith(server.url()), url);
    Map<ContentMetadata, Object> metadata = contents.getFirst().metadata();
    assertEquals(first.metadata().getString("id"), metadata.get(ContentMetadata.EMBEDDING_ID));
    assertTrue(score(contents.getFirst()) >= score(contents.getLast()));
    assertEquals(
        List.of(),
        GillContentRetriever.of(gill).withMinPMatch(1).retrieve(Query.from("no such thing")));
  }

  private static double score(Content content) {
    return (double) Objects.requireNonNull(content.metadata().get(ContentMetadata.SCORE));
  }

  @Test
  void contentRetriever_worksInTheirRetrievalAugmentor() {
    UserMessage question = UserMessage.from("picture number 2");
    UserMessage augmented =
        (UserMessage)
            DefaultRetrievalAugmentor.builder()
                .contentRetriever(GillContentRetriever.of(gill))
                .build()
                .augment(new AugmentationRequest(question, Metadata.from(question, "m", List.of())))
                .chatMessage();
    assertTrue(augmented.singleText().contains("picture number"), augmented.singleText());
    assertTrue(augmented.singleText().length() > question.singleText().length());
  }

  @Test
  void failures_areTheirExceptions() {
    assertThrows(
        AuthenticationException.class,
        () -> GillImageModel.of(gill.withKey("wrong")).generate("a house"));
    InvalidRequestException blank =
        assertThrows(InvalidRequestException.class, () -> GillImageModel.of(gill).generate(" "));
    assertTrue(String.valueOf(blank.getMessage()).contains("prompt"), blank.getMessage());
    LangChain4jException nobody =
        assertThrows(
            LangChain4jException.class,
            () -> GillImageModel.of(GillServer.at("http://127.0.0.1:9")).generate("a house"));
    assertTrue(String.valueOf(nobody.getMessage()).contains("127.0.0.1:9"), nobody.getMessage());
  }

  /// The example of docs/langchain4j.md, compiled and run as it stands but for the address and the
  /// key.
  @Test
  void exampleOfTheDocs_runs(@TempDir Path folder) throws Exception {
    Path docs = Path.of(System.getProperty("gill.root", "../..")).resolve("docs/langchain4j.md");
    String example = Files.readString(docs).split("```java\n", 2)[1].split("```", 2)[0];
    String source =
        """
        import dev.langchain4j.data.image.Image;
        import dev.langchain4j.model.image.ImageModel;
        import dev.langchain4j.model.output.Response;
        import dev.langchain4j.rag.content.Content;
        import dev.langchain4j.rag.content.retriever.ContentRetriever;
        import dev.langchain4j.rag.query.Query;
        import gill.langchain4j.*;
        public class Example {
          public static String run() {
            %s
            return apple.metadata().get("kind") + " " + best.textSegment().metadata().getString("url");
          }
        }
        """
            .formatted(
                example
                    .replace("http://localhost:7860", server.url())
                    .replace("withKey(\"\")", "withKey(\"" + key + "\")"));
    Path file = Files.writeString(folder.resolve("Example.java"), source);
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                file.toString());
    assertEquals(0, compiled);
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      Object said = loader.loadClass("Example").getMethod("run").invoke(null);
      assertTrue(
          String.valueOf(said).matches("(retrieved|generated) " + server.url() + "v1/images/.*"),
          String.valueOf(said));
    }
  }
}
