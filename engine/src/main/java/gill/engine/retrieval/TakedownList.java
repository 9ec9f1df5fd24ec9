package gill.engine.retrieval;

import gill.engine.fault.IndexException;
import gill.engine.flow.ImageRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What must never be in an index again: the file `takedown.txt` of the index folder, which every
/// later writing obeys.
///
/// The file is UTF-8 text: one `id VALUE`, `sha256 HEX`, `phash HEX` or `url ADDRESS` a line; empty
/// lines and lines that begin with `#` say nothing. Immutable.
///
/// @param selectors in the order of the file
public record TakedownList(Set<ImageSelector> selectors) {
  public static final String FILE = "takedown.txt";

  private static final String HEAD =
      "# Images that must not be indexed again: id VALUE, sha256 HEX, phash HEX or url ADDRESS a"
          + " line.";

  public TakedownList {
    selectors = Collections.unmodifiableSet(new LinkedHashSet<>(selectors));
  }

  /// The list of an index folder; empty if there is none. Throws [IndexException] naming the line
  /// that cannot be understood: a list that is half read would let images back in.
  public static TakedownList read(Path index) {
    Path file = index.resolve(FILE);
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (NoSuchFileException _) {
      return new TakedownList(Set.of());
    } catch (IOException e) {
      throw new IndexException(
          "cannot read the takedown list " + file + ": " + IndexFaults.reason(e), e);
    }
    return parse(file.toString(), lines);
  }

  /// The list in the lines of a file. Throws [IndexException] as [#read].
  ///
  /// @param file named in errors
  public static TakedownList parse(String file, List<String> lines) {
    Set<ImageSelector> selectors = new LinkedHashSet<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        selectors.add(parse(file, i + 1, line));
      }
    }
    return new TakedownList(selectors);
  }

  private static ImageSelector parse(String file, int number, String line) {
    String[] parts = line.split("\\s+", 2);
    for (ImageSelector.Kind kind : ImageSelector.Kind.values()) {
      if (parts.length == 2 && kind.name().toLowerCase(Locale.ROOT).equals(parts[0])) {
        try {
          return new ImageSelector(kind, parts[1]);
        } catch (IllegalArgumentException e) {
          throw new IndexException(file + ", line " + number + ": " + e.getMessage(), e);
        }
      }
    }
    throw new IndexException(
        file
            + ", line "
            + number
            + ": expected id VALUE, sha256 HEX, phash HEX or url ADDRESS, got \""
            + line
            + "\". Correct the line");
  }

  /// What in the list forbids `image`, if anything does.
  public Optional<ImageSelector> forbidding(ImageRecord image) {
    return selectors.stream().filter(selector -> selector.names(image)).findFirst();
  }

  /// This list and these, each once.
  public TakedownList with(Collection<ImageSelector> more) {
    Set<ImageSelector> all = new LinkedHashSet<>(selectors);
    all.addAll(more);
    return new TakedownList(all);
  }

  /// Replaces the folder's list as a whole. Throws [IndexException] if it cannot be written.
  public void write(Path index) {
    List<String> lines = new ArrayList<>(List.of(HEAD));
    selectors.forEach(selector -> lines.add(selector.toString()));
    Path whole = index.resolve(FILE);
    Path fresh = index.resolve(FILE + ".new");
    try {
      Files.write(fresh, lines);
      Files.move(fresh, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new IndexException(
          "cannot write the takedown list " + whole + ": " + IndexFaults.reason(e), e);
    }
  }
}
