package gill.indexer.read;

import gill.engine.flow.PictureHash;
import gill.engine.flow.UnitVector;
import gill.indexer.flow.CorpusException;
import gill.indexer.flow.CorpusRow;
import gill.indexer.flow.Embedding;
import gill.indexer.flow.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A folder of vectors as clip-retrieval writes it: `img_emb/img_emb_0.npy` and
/// `metadata/metadata_0.parquet` with `image_path` and `caption`, row by row the same images, in as
/// many parts as there are.
///
/// An index holds two vectors of an image. Where the folder has both (`gill_emb/gill_emb_0.npy`,
/// and `gill.json` that names the bundle: so `gill corpus export` writes it) no picture is decoded
/// or embedded. Otherwise the folder is a list of pictures, which are embedded anew.
public final class EmbeddingFolder implements CorpusSource {
  /// The file that names the bundle which made the vectors.
  public static final String ORIGIN = "gill.json";

  private static final Pattern PART = Pattern.compile("metadata_(.+)\\.parquet");

  /// @param fingerprint of the bundle; empty if unknown
  /// @param imageRoot the folder that image paths start from
  private record Origin(String fingerprint, Path imageRoot) {}

  private final Path path;
  private final Origin origin;
  private final List<Path> parts;

  EmbeddingFolder(Path path, Path images) {
    this.path = path;
    this.parts = parts(path);
    Origin said = origin(path);
    this.origin =
        images.toString().isEmpty()
            ? said
            : new Origin(said.fingerprint(), images.toAbsolutePath().normalize());
  }

  /// Whether a folder looks like one.
  static boolean is(Path folder) {
    return Files.isDirectory(folder.resolve("img_emb"))
        && Files.isDirectory(folder.resolve("metadata"));
  }

  private static List<Path> parts(Path folder) {
    try (Stream<Path> files = Files.list(folder.resolve("metadata"))) {
      return files
          .filter(file -> PART.matcher(file.getFileName().toString()).matches())
          .sorted(
              Comparator.comparingInt((Path file) -> file.getFileName().toString().length())
                  .thenComparing(file -> file.getFileName().toString()))
          .toList();
    } catch (IOException e) {
      throw new CorpusException("cannot read the folder " + folder + ": " + e, e);
    }
  }

  private static Origin origin(Path folder) {
    Path file = folder.resolve(ORIGIN);
    if (!Files.isRegularFile(file)) {
      return new Origin("", folder.toAbsolutePath().normalize());
    }
    try {
      JsonNode said = new JsonMapper().readTree(Files.readString(file));
      String root = said.path("image_root").asString("");
      return new Origin(
          said.path("fingerprint").asString(""),
          (root.isEmpty() ? folder : folder.resolve(root)).toAbsolutePath().normalize());
    } catch (IOException | JacksonException e) {
      throw new CorpusException("cannot read " + file + ": " + e, e);
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Path root() {
    return origin.imageRoot();
  }

  /// Refuses vectors that another bundle made: throws [CorpusException].
  public void requireMaker(String fingerprint) {
    if (isWhole() && !origin.fingerprint().equals(fingerprint)) {
      throw new CorpusException(
          "the vectors of "
              + path
              + " were made with the fingerprint "
              + origin.fingerprint()
              + ", the bundle has "
              + fingerprint
              + ": index the pictures instead");
    }
  }

  /// Whether the vectors are all that an index needs.
  private boolean isWhole() {
    return !origin.fingerprint().isEmpty() && Files.isDirectory(path.resolve("gill_emb"));
  }

  @Override
  public long count() {
    return parts.stream().mapToLong(ParquetRows::count).sum();
  }

  @Override
  public Stream<CorpusRow> rows() {
    return parts.stream().flatMap(this::rows);
  }

  private Stream<CorpusRow> rows(Path metadata) {
    Matcher name = PART.matcher(metadata.getFileName().toString());
    String number = name.matches() ? name.group(1) : "";
    Table table = new Table(path, root(), ManifestRow.Pictures.FILES);
    Optional<Vectors> vectors =
        isWhole() ? Optional.of(new Vectors(path, number)) : Optional.empty();
    long count = ParquetRows.count(metadata);
    vectors.ifPresent(it -> it.requireRows(count, metadata));
    long[] row = {0};
    return ParquetRows.of(metadata)
        .map(columns -> {
          CorpusRow described =
              table.row("part " + number + ", row " + ++row[0], withoutNulls(columns));
          return vectors.map(it -> it.joined(described, columns)).orElse(described);
        })
        .onClose(() -> vectors.ifPresent(Vectors::close));
  }

  /// pandas writes missing captions as `None`.
  private static Map<String, String> withoutNulls(Map<String, String> columns) {
    columns.values().removeIf(value -> value.equals("None") || value.equals("nan"));
    return columns;
  }

  /// The vectors of a part, read in step with its rows.
  private static final class Vectors {
    private final NpyFile clip;
    private final NpyFile gill;

    Vectors(Path folder, String number) {
      try {
        clip = new NpyFile(folder.resolve("img_emb").resolve("img_emb_" + number + ".npy"));
        gill = new NpyFile(folder.resolve("gill_emb").resolve("gill_emb_" + number + ".npy"));
      } catch (IOException e) {
        throw new CorpusException(String.valueOf(e.getMessage()), e);
      }
    }

    void requireRows(long rows, Path metadata) {
      if (clip.rows() != rows || gill.rows() != rows) {
        throw new CorpusException(
            metadata
                + " has "
                + rows
                + " rows, its vectors "
                + clip.rows()
                + " and "
                + gill.rows());
      }
    }

    CorpusRow joined(CorpusRow row, Map<String, String> columns) {
      float[] clipValues;
      float[] gillValues;
      try {
        clipValues = clip.next();
        gillValues = gill.next();
      } catch (IOException e) {
        throw new CorpusException("cannot read the vectors: " + e.getMessage(), e);
      }
      if (!(row instanceof CorpusRow.Described(String place, var entry))) {
        return row;
      }
      try {
        return new CorpusRow.Embedded(
            place,
            entry,
            Integer.parseInt(columns.getOrDefault("width", "")),
            Integer.parseInt(columns.getOrDefault("height", "")),
            PictureHash.parse(columns.getOrDefault(PictureHash.KEY, "")),
            new Embedding(unit(clipValues), unit(gillValues)));
      } catch (IllegalArgumentException e) {
        return new CorpusRow.Broken(
            new Failure(
                entry.id().value(),
                entry.location(),
                Failure.EMBEDDING_FAILED,
                "its row in the folder of vectors is of no use: " + e.getMessage()));
      }
    }

    /// Exactly what was written, if that was of length 1.
    private static UnitVector unit(float[] values) {
      double sum = 0;
      for (float value : values) {
        sum += (double) value * value;
      }
      return Math.abs(Math.sqrt(sum) - 1) < 1e-5
          ? UnitVector.of(values)
          : UnitVector.normalise(values);
    }

    void close() {
      try (clip;
          gill) {
        // Both are closed, whatever happens to one.
      } catch (IOException e) {
        throw new CorpusException("cannot close the vectors: " + e, e);
      }
    }
  }
}
