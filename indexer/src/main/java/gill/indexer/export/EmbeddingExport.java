package gill.indexer.export;

import blue.strategic.parquet.ParquetWriter;
import gill.engine.flow.ImageRecord;
import gill.engine.retrieval.IndexContents;
import gill.engine.retrieval.IndexHeader;
import gill.engine.retrieval.IndexedImage;
import gill.indexer.flow.CorpusException;
import gill.indexer.read.EmbeddingFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import tools.jackson.databind.json.JsonMapper;

/// Writes an index as a folder of vectors in clip-retrieval's layout ([EmbeddingFolder]): CLIP's
/// vectors, GILL's, and a Parquet table of all that is known of the images.
///
/// @param parts number of parts written
/// @param images number of images
public record EmbeddingExport(Path folder, int parts, long images) {
  private static final Set<String> NUMBERS = Set.of("width", "height");

  /// Writes into a new or empty folder, in parts of `partSize` images. Throws [CorpusException] if
  /// the folder holds anything or cannot be written.
  public static EmbeddingExport write(Path index, Path folder, int partSize) {
    try {
      requireEmpty(folder);
      Set<String> columns = columns(index);
      for (String kind : new String[] {"img_emb", "gill_emb", "metadata"}) {
        Files.createDirectories(folder.resolve(kind));
      }
      long images = 0;
      int part = 0;
      try (IndexContents contents = IndexContents.open(index)) {
        long left = contents.size();
        while (left > 0) {
          long rows = Math.min(left, partSize);
          writePart(contents, folder, part, rows, columns);
          left -= rows;
          images += rows;
          part++;
        }
        Files.writeString(folder.resolve(EmbeddingFolder.ORIGIN), origin(contents.header()));
      }
      return new EmbeddingExport(folder, part, images);
    } catch (IOException e) {
      throw new CorpusException("cannot write " + folder + ": " + e, e);
    }
  }

  private static void requireEmpty(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        if (files.findAny().isPresent()) {
          throw new CorpusException(folder + " is not empty: name a new or empty folder");
        }
      }
    }
    Files.createDirectories(folder);
  }

  private static String origin(IndexHeader header) {
    return JsonMapper.shared()
            .writerWithDefaultPrettyPrinter()
            .writeValueAsString(
                Map.of(
                    "bundle", header.bundle().name() + " " + header.bundle().version(),
                    "fingerprint", header.bundle().fingerprint(),
                    "image_root", header.imageRoot().toString()))
        + "\n";
  }

  /// The columns that any image has a value for.
  private static Set<String> columns(Path index) {
    Set<String> columns = new TreeSet<>();
    try (IndexContents contents = IndexContents.open(index)) {
      while (contents.hasNext()) {
        columns.addAll(values(contents.next().image()).keySet());
      }
    }
    return columns;
  }

  private static void writePart(
      IndexContents contents, Path folder, int part, long rows, Set<String> columns)
      throws IOException {
    IndexHeader header = contents.header();
    try (NpyWriter clip =
            new NpyWriter(
                folder.resolve("img_emb/img_emb_" + part + ".npy"), rows, header.clipDimension());
        NpyWriter gill =
            new NpyWriter(
                folder.resolve("gill_emb/gill_emb_" + part + ".npy"),
                rows,
                header.gillDimension());
        ParquetWriter<Map<String, Object>> table =
            ParquetWriter.writeFile(
                schema(columns),
                folder.resolve("metadata/metadata_" + part + ".parquet").toFile(),
                (row, values) -> row.forEach(values::write))) {
      for (long i = 0; i < rows; i++) {
        IndexedImage row = contents.next();
        clip.write(row.clip());
        gill.write(row.gill());
        table.write(values(row.image()));
      }
    }
  }

  private static MessageType schema(Set<String> columns) {
    Types.MessageTypeBuilder schema = Types.buildMessage();
    for (String column : columns) {
      if (NUMBERS.contains(column)) {
        schema.optional(PrimitiveTypeName.INT32).named(column);
      } else {
        schema
            .optional(PrimitiveTypeName.BINARY)
            .as(LogicalTypeAnnotation.stringType())
            .named(column);
      }
    }
    return schema.named("image");
  }

  /// A manifest's columns, but for `image_path`, which is clip-retrieval's name of `file`.
  private static Map<String, Object> values(ImageRecord image) {
    Map<String, Object> values = new LinkedHashMap<>(image.metadata());
    image.names().forEach((language, name) -> values.put("names." + language, name));
    values.put("image_path", image.location());
    values.put("caption", image.caption());
    values.put("id", image.id().value());
    values.put("keywords", String.join(";", image.keywords()));
    values.put("colours", String.join(";", image.colours()));
    values.put("source", image.source());
    values.put("author", image.author());
    values.put("licence", image.licence());
    values.put("style", image.style());
    values.put("group", image.group());
    values.put("sha256", image.sha256());
    values.put("width", image.width());
    values.put("height", image.height());
    values.values().removeIf(value -> value.equals(""));
    return values;
  }
}
