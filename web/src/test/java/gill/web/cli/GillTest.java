package gill.web.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.testing.TinyBundle;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// The commands' own behaviour: help, exit codes, messages.
class GillTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine gill = Gill.commandLine();
    gill.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return gill.execute(arguments);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo", "serve", "ask", "lookup", "search", "index", "corpus", "models", "bench", "eval"
      })
  void help_ofEveryCommand_saysWhatItDoes(String command) {
    assertEquals(0, run(command, "--help"));
    assertTrue(out.toString().contains("Usage: gill " + command), out.toString());
    assertTrue(out.toString().lines().count() > 4, out.toString());
  }

  @Test
  void benchSearch_wrongSizeOrPeer_isSaid() {
    assertEquals(0, run("bench", "search", "--help"));
    assertTrue(out.toString().contains("--peers"), out.toString());
    assertEquals(1, run("bench", "search", "--size", "11m"));
    assertEquals("gill: --size must be in 10k to 10m, got 11m\n", err.toString());
    err.getBuffer().setLength(0);
    assertEquals(1, run("bench", "search", "--peers", "annoy"));
    assertTrue(err.toString().contains("no peer is called 'annoy'"), err.toString());
    assertEquals(100_000, SearchBenchCommand.rows("100k"));
    assertEquals(1_000_000, SearchBenchCommand.rows("1M"));
    assertEquals(20_000, SearchBenchCommand.rows("20000"));
  }

  @Test
  void index_unknownVectorFormat_listsThem() {
    assertEquals(1, run("index", "--vector-format", "int8"));
    assertEquals(
        "gill: no vector format is called 'int8'; there are [auto, f32, int7, int4, bit1]\n",
        err.toString());
  }

  @Test
  void search_effortOutOfRange_isSaid() {
    assertEquals(2, run("search", "apple", "--ef", "20000"));
    assertTrue(err.toString().contains("ef must be in [1, 10000], got 20000"), err.toString());
  }

  @Test
  void noCommand_isWrongUsage() {
    assertEquals(2, run());
    assertTrue(err.toString().contains("COMMAND is missing"), err.toString());
  }

  @Test
  void unknownOption_isWrongUsage() {
    assertEquals(2, run("serve", "--prot", "1"));
    assertTrue(err.toString().contains("--prot"), err.toString());
  }

  @Test
  void missingBundle_isSaidWithoutAStackTrace(@TempDir Path folder) {
    assertEquals(1, run("models", "list", "--bundle", folder.toString()));
    assertTrue(err.toString().startsWith("gill: there is no model bundle at"), err.toString());
    assertFalse(err.toString().contains("\tat "), err.toString());
    assertEquals(1, run("lookup", "apple", "--bundle", folder.toString()));
    assertFalse(err.toString().contains("\tat "), err.toString());
  }

  @Test
  void modelsList_namesFilesAndWhatIsMissing(@TempDir Path folder) throws IOException {
    Path bundle = TinyBundle.copyTo(folder);
    assertEquals(0, run("models", "list", "--bundle", bundle.toString()));
    assertTrue(out.toString().contains("unet/model.onnx"), out.toString());
    assertFalse(out.toString().contains("missing"), out.toString());
    Files.delete(bundle.resolve("unet/model.onnx"));
    out.getBuffer().setLength(0);
    assertEquals(0, run("models", "list", "--json", "--bundle", bundle.toString()));
    assertTrue(out.toString().contains("\"missing\""), out.toString());
  }

  @Test
  void modelsVerify_passesAWholeBundleAndNamesTheFaultsOfABrokenOne(@TempDir Path folder)
      throws IOException {
    Path bundle = TinyBundle.copyTo(folder);
    assertEquals(0, run("models", "verify", "--bundle", bundle.toString()), err.toString());
    Files.delete(bundle.resolve("unet/model.onnx"));
    Files.writeString(bundle.resolve("MODEL_CARD.md"), "other");
    assertEquals(1, run("models", "verify", "--bundle", bundle.toString()));
    assertTrue(err.toString().contains("unet/model.onnx"), err.toString());
    assertTrue(err.toString().contains("MODEL_CARD.md"), err.toString());
  }

  @Test
  void takenPort_isSaidBeforeAnythingIsLoaded(@TempDir Path folder) throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      assertEquals(3, run("serve", "--port", port, "--bundle", folder.toString()));
      assertTrue(err.toString().contains("cannot listen on 127.0.0.1:" + port), err.toString());
      assertTrue(err.toString().contains("--port"), err.toString());
    }
  }

  @Test
  void questionWithoutWords_isWrongUsage() {
    assertEquals(2, run("ask"));
    assertTrue(err.toString().contains("say something"), err.toString());
  }

  @Test
  void optionOutOfRange_isSaidByName() {
    assertEquals(2, run("lookup", "apple", "--k", "0"));
    assertTrue(err.toString().contains("k must be in [1, 100], got 0"), err.toString());
  }
}
