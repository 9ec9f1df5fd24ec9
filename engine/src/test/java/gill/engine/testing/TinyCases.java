package gill.engine.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/// Evaluation cases about [TinyCorpus], one or two a suite, and a judge of random weights: the tiny
/// bundle's own vision encoder and a classifier of three things.
public final class TinyCases {
  private static final Map<String, String> FILES =
      Map.of(
          "galleries",
          """
          {"name": "two", "images": ["tiny/0", "tiny/1"], "without": false}
          """,
          "retrieval",
          """
          {"kind": "name", "text": "red apple", "image": "", "not": "", "gallery": "all", "right": ["tiny/0"], "wrong": []}
          {"kind": "image", "text": "", "image": "tiny/1", "not": "", "gallery": "two", "right": ["tiny/0"], "wrong": []}
          {"kind": "not", "text": "red", "image": "", "not": "banana", "gallery": "all", "right": ["tiny/0"], "wrong": ["tiny/3"]}
          """,
          "dialogue",
          """
          {"kind": "seen", "image": "tiny/2", "right": ["tiny/2"], "rounds": [%s{"question": "Last?", "answer": "A frog."}]}
          """
              .formatted("{\"question\": \"?\", \"answer\": \"no\"}, ".repeat(1)),
          "stories",
          """
          {"kind": "named", "parts": [{"text": "A cat.", "image": ""}, {"text": "", "image": "tiny/5"}], "ending": "And this:", "right": ["tiny/6"]}
          """,
          "composition",
          """
          {"kind": "styled", "image": "tiny/0", "text": "in 3D", "right": ["tiny/1"], "caption": "", "probe": "", "things": [], "value": ""}
          {"kind": "coloured", "image": "tiny/0", "text": "in blue", "right": [], "caption": "a blue apple", "probe": "colour", "things": ["one"], "value": "blue"}
          """,
          "generation",
          """
          {"kind": "single, seen", "prompt": "an apple", "caption": "an apple", "probe": "single", "things": ["one"], "value": "", "composed": "", "references": ["tiny/0"]}
          {"kind": "relation, unseen", "prompt": "a cat above a dog", "caption": "a cat above a dog", "probe": "relation", "things": ["one", "two"], "value": "above", "composed": "", "references": ["tiny/5"]}
          {"kind": "count, unseen", "prompt": "two keys", "caption": "two keys", "probe": "count", "things": ["three"], "value": "2", "composed": "", "references": ["tiny/4"]}
          {"kind": "ground, unseen", "prompt": "a key on a blue background", "caption": "a key on a blue background", "probe": "ground", "things": ["three"], "value": "blue", "composed": "", "references": ["tiny/4"]}
          """,
          "decision",
          """
          {"kind": "in the corpus", "text": "a red apple", "answer": "retrieve", "right": ["tiny/0"], "without": [], "truth": ""}
          {"kind": "taken out", "text": "a black cat", "answer": "generate", "right": [], "without": ["tiny/5"], "truth": ""}
          {"kind": "borderline", "text": "green things", "answer": "", "right": [], "without": [], "truth": "tiny/2"}
          """,
          "conversation",
          """
          {"kind": "asked", "turns": [{"text": "show me an apple", "picture": true, "image": ""}], "thing": "apple", "right": ["tiny/0"]}
          {"kind": "an uploaded picture", "turns": [{"text": "what is it", "picture": false, "image": "tiny/1"}], "thing": "umbrella|brolly", "right": ["tiny/1"]}
          {"kind": "transcript", "turns": [{"text": "hello", "picture": false, "image": ""}, {"text": "draw a cat", "picture": true, "image": ""}], "thing": "cat", "right": ["tiny/5"]}
          """);

  private TinyCases() {}

  /// Writes the cases below `directory`; returns their folder.
  public static Path write(Path directory, Path bundle) {
    Path folder = directory.resolve("eval-cases");
    try {
      Files.createDirectories(folder.resolve("encoder"));
      Files.createDirectories(folder.resolve("things"));
      for (Map.Entry<String, String> file : FILES.entrySet()) {
        Files.writeString(folder.resolve(file.getKey() + ".jsonl"), file.getValue());
      }
      try (Stream<Path> parts = Files.list(bundle.resolve("vision_encoder"))) {
        for (Path part : parts.filter(it -> !it.endsWith("import.json")).toList()) {
          Files.copy(part, folder.resolve("encoder").resolve(part.getFileName()));
        }
      }
      copy("things/model.onnx", folder);
      Files.writeString(
          folder.resolve("things/things.json"),
          "{\"things\": [{\"key\": \"one\"}, {\"key\": \"two\"}, {\"key\": \"three\"}]}");
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(String file, Path folder) throws IOException {
    try (InputStream resource =
        TinyCases.class.getClassLoader().getResourceAsStream("tiny-eval/" + file)) {
      if (resource == null) {
        throw new IOException("the test resource tiny-eval/" + file + " is missing");
      }
      Files.copy(resource, folder.resolve(file));
    }
  }
}
