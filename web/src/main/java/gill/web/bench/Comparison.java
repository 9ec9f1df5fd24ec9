package gill.web.bench;

import gill.engine.runtime.Sha256;
import gill.web.bench.PeerResult.Point;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Runs peers one after another, each build and each search in a process of its own, so that memory
/// is each one's own. What is finished lies in the output folder under a name made of the peer, its
/// settings and the data: a comparison that was broken off goes on from there.
public final class Comparison {
  /// The class of this program that runs [OwnPeer], and what it is called with.
  public record Child(String main, List<String> arguments) {
    public Child {
      arguments = List.copyOf(arguments);
    }
  }

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Tools tools;
  private final Child child;
  private final Path folder;
  private final double seconds;
  private final Consumer<String> progress;

  /// @param sources the folder `web/src/bench` of the project
  /// @param folder for results, indexes and fetched libraries
  /// @param seconds at most this long a measurement, of peers that are slow under a filter
  public Comparison(
      Path sources, Path folder, Child child, double seconds, Consumer<String> progress) {
    this.tools = new Tools(sources, folder.resolve("tools"));
    this.child = child;
    this.folder = folder;
    this.seconds = seconds;
    this.progress = progress;
  }

  /// Where a peer's work with some data lies.
  ///
  /// @param settings as JSON
  /// @param result of both phases
  /// @param index what the build leaves
  /// @param built what the build says of itself; there once it is done
  private record Work(String settings, Path result, Path index, Path built) {}

  private Work work(Peer peer, DataSet data) {
    String settings = JsonMapper.shared().writeValueAsString(peer.settings(data.size(), seconds));
    String name = name(peer, data, settings);
    Path indexes = folder.resolve("indexes");
    return new Work(
        settings,
        folder.resolve("results").resolve(name + ".json"),
        indexes.resolve(name),
        indexes.resolve(name + ".json"));
  }

  /// Builds a peer's index unless it is there or was measured. A later [#run] searches it.
  public void build(Peer peer, DataSet data) throws IOException {
    Work work = work(peer, data);
    if (Files.exists(work.result()) || Files.exists(work.built())) {
      progress.accept(peer.id() + ": built before");
      return;
    }
    progress.accept(peer.id() + ": builds " + data.size() + " vectors");
    delete(work.index());
    write(work.built(), phase(peer, "build", data, work));
  }

  /// Measures a peer, or reads what was measured.
  public PeerResult run(Peer peer, DataSet data) throws IOException {
    Work work = work(peer, data);
    if (Files.exists(work.result())) {
      progress.accept(peer.id() + ": measured before");
      return JSON.readValue(work.result().toFile(), PeerResult.class);
    }
    build(peer, data);
    progress.accept(peer.id() + ": searches");
    JsonNode searched = phase(peer, "search", data, work);
    PeerResult found =
        result(
            peer,
            data,
            work.settings(),
            JSON.readTree(work.built().toFile()),
            searched,
            bytes(work.index()));
    write(work.result(), found);
    delete(work.index());
    Files.delete(work.built());
    return found;
  }

  private static String name(Peer peer, DataSet data, String settings) {
    String all = settings + JsonMapper.shared().writeValueAsString(data.about());
    return peer.id() + "-" + data.size() + "-" + Sha256.of(all).substring(0, 10);
  }

  private JsonNode phase(Peer peer, String phase, DataSet data, Work work) {
    List<String> command = new ArrayList<>(program(peer, phase));
    command.add(data.folder().toString());
    command.add(work.index().toString());
    command.add(work.settings());
    String printed = Tools.run(command);
    return JsonMapper.shared().readTree(printed.substring(printed.lastIndexOf('\n') + 1));
  }

  private List<String> program(Peer peer, String phase) {
    boolean build = phase.equals("build");
    List<String> flags =
        build ? List.of("-Xmx3g") : List.of("-Xmx256m", "-XX:+UseSerialGC", "-Xshare:auto");
    return switch (peer.runner()) {
      case HERE -> join(tools.here(flags, child.main()), child.arguments(), phase, peer.id());
      case PYTHON -> join(tools.python("peers.py"), List.of(), phase, peer.id());
      case JVECTOR -> join(tools.jvector(flags), List.of(), phase);
    };
  }

  private static List<String> join(List<String> program, List<String> more, String... last) {
    return Stream.of(program, more, List.of(last)).flatMap(List::stream).toList();
  }

  private static PeerResult result(
      Peer peer, DataSet data, String settings, JsonNode built, JsonNode searched, long bytes) {
    List<Point> points = new ArrayList<>();
    for (JsonNode point : searched.get("points")) {
      points.add(JsonMapper.shared().treeToValue(point, Point.class));
    }
    return new PeerResult(
        peer.id(),
        searched.get("version").asString(),
        settings,
        data.size(),
        built.get("build_seconds").asDouble(),
        bytes,
        searched.get("start_seconds").asDouble(),
        searched.get("resident_start").asLong(),
        searched.get("resident").asLong(),
        searched.get("resident_anonymous").asLong(),
        points,
        searched.path("notes").valueStream().map(JsonNode::asString).toList());
  }

  private static void write(Path file, Object value) throws IOException {
    Files.createDirectories(file.getParent());
    Path part = file.resolveSibling(file.getFileName() + ".part");
    JSON.writeValue(part.toFile(), value);
    Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException fault)
              throws IOException {
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /// The plot of all results of one size, as SVG.
  public void plot(List<PeerResult> results, Path svg) throws IOException {
    Path file = folder.resolve("plot.json");
    write(file, results);
    Tools.run(
        Stream.concat(tools.python("plot.py").stream(), Stream.of(file.toString(), svg.toString()))
            .toList());
  }
}
