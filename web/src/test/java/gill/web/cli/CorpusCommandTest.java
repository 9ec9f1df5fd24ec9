package gill.web.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.testing.TinyBundle;
import gill.engine.testing.TinyCorpus;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CorpusCommandTest {
  @TempDir Path temporary;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path bundle = Path.of("");
  private Path index = Path.of("");

  @BeforeEach
  void index() throws IOException {
    bundle = TinyBundle.copyTo(temporary.resolve("bundle"));
    index = TinyCorpus.index(temporary, bundle, 6);
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine gill = Gill.commandLine();
    gill.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return gill.execute(arguments);
  }

  private JsonNode json(String... arguments) {
    assertEquals(0, run(arguments), err.toString());
    return new JsonMapper().readTree(out.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"verify", "snapshot", "restore", "delete", "takedown"})
  void help_ofEverySubCommand_saysWhatItDoes(String command) {
    assertEquals(0, run("corpus", command, "--help"));
    assertTrue(out.toString().contains("Usage: gill corpus " + command), out.toString());
    assertTrue(out.toString().contains("--json"), out.toString());
  }

  @Test
  void verify_passesASoundIndex_andNamesTheSegmentOfADamagedOne() throws IOException {
    String at = index.toString();
    assertEquals(
        0, run("corpus", "verify", "--index", at, "--bundle", bundle.toString()), out.toString());
    JsonNode sound = json("corpus", "verify", "--json", "--index", at);
    assertTrue(sound.get("sound").asBoolean());
    assertEquals(6, sound.get("images").asInt());
    Path file;
    try (Stream<Path> files = Files.list(index)) {
      file = files.max(Comparator.comparingLong(f -> f.toFile().length())).orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    assertEquals(1, run("corpus", "verify", "--index", at));
    String segment = sound.at("/segments/0/name").asString();
    assertTrue(out.toString().contains("segment " + segment + " is damaged"), out.toString());
  }

  @Test
  void delete_thenRestoreOfASnapshot_bringsTheImageBack_butNoTakedown() {
    String at = index.toString();
    String copy = temporary.resolve("copy").toString();
    assertEquals(
        6, json("corpus", "snapshot", copy, "--json", "--index", at).get("images").asInt());
    JsonNode deleted = json("corpus", "delete", "--id", "tiny/1", "--json", "--index", at);
    assertEquals(1, deleted.get("removed").asInt());
    assertEquals(5, deleted.get("images").asInt());
    JsonNode down = json("corpus", "takedown", "--id", "tiny/2", "--json", "--index", at);
    assertEquals(4, down.get("images").asInt());
    assertEquals(5, json("corpus", "restore", copy, "--json", "--index", at).get("images").asInt());
    assertEquals(0, run("corpus", "takedown", "--index", at));
    assertEquals("id tiny/2", out.toString().strip());
  }

  @Test
  void nothingChosen_orNoDigest_isWrongUsage_andNoIndexIsSaid() {
    assertEquals(2, run("corpus", "delete", "--index", index.toString()));
    assertTrue(err.toString().contains("--sha256"), err.toString());
    assertEquals(2, run("corpus", "takedown", "--sha256", "beef", "--index", index.toString()));
    assertTrue(err.toString().contains("64 hexadecimal digits"), err.toString());
    assertEquals(1, run("corpus", "verify", "--index", temporary.resolve("none").toString()));
    assertTrue(err.toString().contains("there is no index folder"), err.toString());
  }
}
