package gill.web;

import gill.engine.fault.IndexException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a server serves, as a file says: a bundle and an index, and those before them.
///
/// The file is UTF-8 text: `bundle PATH` and `index PATH`, then, to go back to, `previous-bundle
/// PATH` and `previous-index PATH`; relative paths start at the file's folder; lines that begin
/// with `#` say nothing. It is replaced as a whole.
///
/// @param previous empty before the first switch
public record Deployment(Place current, Optional<Place> previous) {
  private static final String HEAD =
      "# What gill serve --deployment serves; ./gill corpus switch writes it.";

  /// A bundle and an index made by it, absolute paths.
  public record Place(Path bundle, Path index) {
    public Place {
      bundle = bundle.toAbsolutePath().normalize();
      index = index.toAbsolutePath().normalize();
    }
  }

  /// Throws [IndexException] if there is no such file or a line cannot be understood.
  public static Deployment read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      throw new IndexException(
          "there is no deployment file "
              + file.toAbsolutePath()
              + ". Make one: ./gill corpus switch "
              + file
              + " --index DIR",
          e);
    } catch (IOException e) {
      throw new IndexException(
          "cannot read the deployment file " + file + ": " + e.getMessage(), e);
    }
    return new Deployment(
        place(file, lines, "")
            .orElseThrow(() ->
                new IndexException(
                    file + " must have a line 'bundle PATH' and a line 'index PATH'")),
        place(file, lines, "previous-"));
  }

  private static Optional<Place> place(Path file, List<String> lines, String prefix) {
    Optional<Path> bundle = path(file, lines, prefix + "bundle ");
    Optional<Path> index = path(file, lines, prefix + "index ");
    return bundle.flatMap(one -> index.map(other -> new Place(one, other)));
  }

  private static Optional<Path> path(Path file, List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key))
        .map(line -> file.toAbsolutePath().resolveSibling(line.substring(key.length()).strip()))
        .findFirst();
  }

  /// The next deployment, from which [#back] leads here.
  public Deployment to(Place next) {
    return next.equals(current) ? this : new Deployment(next, Optional.of(current));
  }

  /// The one before; going back twice is going forth again.
  public Optional<Deployment> back() {
    return previous.map(this::to);
  }

  /// Replaces the file as a whole.
  public void write(Path file) {
    List<String> lines = new ArrayList<>(List.of(HEAD));
    lines.add("bundle " + current.bundle());
    lines.add("index " + current.index());
    previous.ifPresent(it -> {
      lines.add("previous-bundle " + it.bundle());
      lines.add("previous-index " + it.index());
    });
    Path fresh = file.toAbsolutePath().resolveSibling(file.getFileName() + ".new");
    try {
      Files.write(fresh, lines);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new IndexException(
          "cannot write the deployment file " + file + ": " + e.getMessage(), e);
    }
  }
}
