package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.Engine;
import gill.engine.EngineOptions;
import gill.engine.flow.Filter;
import gill.engine.flow.ImageId;
import gill.engine.flow.QueryPart;
import gill.engine.flow.SearchAnswer;
import gill.engine.flow.SearchRequest;
import gill.engine.flow.SearchRequest.Detail;
import gill.engine.flow.SearchRequest.Variety;
import gill.engine.testing.TinyBundle;
import gill.engine.testing.TinyCorpus;
import gill.web.api.Answerer;
import gill.web.cli.Gill;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/// The three doors of a search on one index: what docs/search.md shows is answered alike by all.
@TestInstance(Lifecycle.PER_CLASS)
class SearchDoorsTest {
  private static final Path THIS_FILE =
      Path.of("src", "test", "java", "gill", "web", "SearchDoorsTest.java");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");

  private final Path folder;
  private final Path bundle;
  private final Path index;
  private final Engine engine;
  private final Server server;
  private final Http http;

  SearchDoorsTest(@TempDir Path folder) {
    this.folder = folder;
    bundle = TinyBundle.copyTo(folder);
    index = TinyCorpus.index(folder, bundle, 40);
    engine = Engine.open(bundle, index, EngineOptions.DEFAULT);
    server =
        Server.start(Answerer.of(engine), EngineOptions.DEFAULT, WebOptions.DEFAULT.withPort(0));
    http = new Http(server);
  }

  @AfterAll
  void close() {
    http.close();
    server.close();
    engine.close();
  }

  private record Ran(int code, String out, String err) {}

  private Ran gill(List<String> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine gill = Gill.commandLine();
    gill.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("--bundle", bundle.toString(), "--index", index.toString()));
    return new Ran(gill.execute(all.toArray(String[]::new)), out.toString(), err.toString());
  }

  private Ran request(String body, String... more) throws IOException {
    Path file = Files.writeString(folder.resolve("request.json"), body);
    List<String> arguments = new ArrayList<>(List.of("search", "--request", file.toString()));
    arguments.addAll(List.of(more));
    return gill(arguments);
  }

  private JsonNode overHttp(String body) throws IOException, InterruptedException {
    var response = http.post("/v1/search", body);
    assertEquals(200, response.statusCode(), body + response.body());
    return Http.json(response);
  }

  @Test
  void everyRequest_ofTheDocument_isAnsweredAlike_byServerAndCommandLine() throws Exception {
    int asked = 0;
    for (String example : SearchDoc.requests()) {
      if (example.contains("session_id")) {
        continue;
      }
      String body =
          SearchDoc.whole(
              example, engine.embed("apple").dimension(), SearchDoorsTest.this::overHttp);
      Ran ran = request(body, "--json");
      assertEquals(0, ran.code(), body + ran.err());
      assertEquals(overHttp(body), Http.JSON.readTree(ran.out()), body);
      asked++;
    }
    assertTrue(asked >= 13, "requests found: " + asked);
  }

  @Test
  void everyCommand_ofTheDocument_finds() throws IOException {
    Files.writeString(folder.resolve("query.json"), "{\"text\": \"apple\", \"limit\": 3}");
    List<String> commands =
        SearchDoc.commands().stream().filter(it -> it.startsWith("./gill search")).toList();
    assertTrue(commands.size() >= 3, commands.toString());
    for (String command : commands) {
      List<String> words =
          WORD.matcher(command)
              .results()
              .map(it ->
                  it.group(1) != null
                      ? it.group(1)
                      : it.group(2) != null ? it.group(2) : it.group(3))
              .skip(1)
              .map(it -> it.equals("query.json") ? folder.resolve(it).toString() : it)
              // The tests' pictures are smaller.
              .map(it -> it.replace("width>=64", "width>=4"))
              .toList();
      Ran ran = gill(words);
      assertEquals(0, ran.code(), command + ran.err());
      assertTrue(ran.out().contains("tiny/"), command + ran.out());
    }
  }

  @Test
  void theJavaOfTheDocument_isThis_andAsTheOtherDoorsAnswer() throws Exception {
    SearchAnswer answer =
        engine.search(
            new SearchRequest(
                    List.of(
                        new QueryPart.Stored(new ImageId("tiny/0"), 1),
                        new QueryPart.Words("at night", 0.8),
                        new QueryPart.Words("people", -0.5)),
                    5)
                .with(
                    new Filter.Or(
                        List.of(
                            Filter.In.of("style", "flat"), new Filter.Between("width", 16, 512))))
                .without(Set.of(new ImageId("tiny/pear")))
                .with(new Variety(0.3, 0.98))
                .counting(List.of("source"))
                .with(Detail.EXPLAINED));
    String source = squeezed(Files.readString(THIS_FILE));
    assertTrue(source.contains(squeezed(SearchDoc.tiny(SearchDoc.java()))), SearchDoc.java());
    JsonNode same =
        overHttp(
            """
            {"query": [{"id": "tiny/0"}, {"text": "at night", "weight": 0.8}, {"text": "people", "weight": -0.5}],
             "ranking": {"method": "vectors"},
             "filter": {"or": [{"style": "flat"}, {"width": {"min": 16, "max": 512}}]}, "exclude": ["tiny/pear"],
             "diversity": 0.3, "collapse": 0.98, "limit": 5, "facets": ["source"], "explain": true}
            """);
    assertFalse(answer.hits().isEmpty());
    assertEquals(
        answer.hits().stream().map(hit -> hit.id().value()).toList(),
        same.get("hits").values().stream().map(hit -> hit.get("id").stringValue()).toList());
    assertEquals(answer.next(), same.path("next").asString(""));
    assertEquals(
        answer.facets().getOrDefault("source", List.of()).getFirst().count(),
        same.at("/facets/source/0/count").intValue());
    assertEquals(
        answer.hits().getFirst().explanation().orElseThrow().parts().size(),
        same.at("/hits/0/explanation/parts").size());
  }

  private static String squeezed(String code) {
    return code.replaceAll("\\s+", "");
  }

  @Test
  void standardInput_isARequestToo() throws Exception {
    String body = "{\"query\": [{\"text\": \"apple\", \"weight\": 3}, {\"id\": \"tiny/3\"}]}";
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
    try {
      Ran ran = gill(List.of("search", "--json", "--request", "-"));
      assertEquals(0, ran.code(), ran.err());
      assertEquals(overHttp(body), Http.JSON.readTree(ran.out()));
    } finally {
      System.setIn(before);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | The body is empty",
        "`{\"text\": ` | not valid JSON",
        "`{\"txt\": \"a\"}` | exactly one of text",
        "`{\"text\": \"a\", \"limits\": 3}` | Unknown field \"limits\"",
        "`{\"text\": \"a\", \"limit\": 0}` | limit must be in the range 1 to 200",
        "`{\"query\": [{\"vector\": [1, 0]}]}` | dimensions",
        "`{\"text\": \"a\", \"filter\": {\"kind\": \"b\"}}` | no field 'kind'",
        "`{\"text\": \"a\", \"session_id\": \"s\"}` | kept by a server",
        "`{\"image\": \"/v1/images/sent/00\"}` | not known"
      })
  void wrongRequests_areSaid_withoutAStackTrace(String body, String said) throws IOException {
    Ran ran = request(body);
    assertTrue(ran.code() == 1 || ran.code() == 2, ran.err());
    assertTrue(ran.err().contains(said), ran.err());
    assertFalse(ran.err().contains("\tat "), ran.err());
  }

  @Test
  void requestBesideOtherOptions_andAMissingFile_areWrongUsage() throws IOException {
    Ran both = request("{\"text\": \"a\"}", "--limit", "3");
    assertEquals(2, both.code());
    assertTrue(both.err().contains("leave out --limit"), both.err());
    assertEquals(2, request("{\"text\": \"a\"}", "apple").code());
    Ran none = gill(List.of("search", "--request", folder.resolve("none.json").toString()));
    assertEquals(2, none.code());
    assertTrue(none.err().contains("there is no file"), none.err());
  }
}
