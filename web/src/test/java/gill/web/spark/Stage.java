package gill.web.spark;

import gill.engine.retrieval.ImageSelector;
import gill.engine.retrieval.TakedownList;
import gill.engine.testing.TinyBundle;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import javax.imageio.ImageIO;

/// A project folder as the documentation's commands expect it: `./gill`, the job jar, Spark, the
/// tiny bundle as the default one, and a corpus `photos` of [#ROWS] rows, a few of them broken.
record Stage(Path folder) {
  static final int ROWS = 320;

  /// Rows that are no image: a broken line, a missing file, an empty one, one that was taken down.
  static final Set<Long> FAILING = Set.of(20L, 50L, 100L, 150L);

  /// The last row has the id of an earlier one.
  static final int IMAGES = ROWS - FAILING.size() - 1;

  private static final int PICTURES = 12;
  private static final Path ROOT =
      Path.of(System.getProperty("gill.root", "..")).toAbsolutePath().normalize();

  static Stage in(Path folder) throws IOException {
    Stage stage = new Stage(folder.toRealPath());
    Files.createSymbolicLink(folder.resolve("web"), ROOT.resolve("web"));
    Files.createSymbolicLink(folder.resolve("target"), ROOT.resolve("target"));
    Files.createDirectories(folder.resolve("index-data/models"));
    Files.move(TinyBundle.copyTo(folder), stage.bundle());
    Path launcher = folder.resolve("gill");
    Files.writeString(
        launcher,
        """
        #!/bin/sh
        exec "$JAVA_HOME/bin/java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -Xmx512m \\
            -Dgill.root='%s' -cp '%s' gill.web.cli.Gill "$@"
        """
            .formatted(stage.folder(), System.getProperty("java.class.path")));
    if (!launcher.toFile().setExecutable(true)) {
      throw new IOException("cannot make " + launcher + " a program");
    }
    stage.photos();
    return stage;
  }

  /// Where `./gill test` installs Spark.
  static Path spark() {
    return ROOT.resolve("target/spark/pyspark");
  }

  /// The folder of the job jar, which the build packs.
  static Path job() {
    return ROOT.resolve("web/target/spark");
  }

  Path bundle() {
    return folder.resolve("index-data/models/icons");
  }

  Path corpus() {
    return folder.resolve("photos");
  }

  /// A name for an index, whose takedown list is there before the index is.
  Path index(String name) throws IOException {
    Path index = Files.createDirectories(folder.resolve(name));
    new TakedownList(Set.of(new ImageSelector(ImageSelector.Kind.ID, "i020"))).write(index);
    return index;
  }

  private void photos() throws IOException {
    Files.createDirectories(corpus());
    Random random = new Random(20261128);
    for (int i = 0; i < PICTURES; i++) {
      ImageIO.write(picture(random), "jpg", corpus().resolve("p%02d.jpg".formatted(i)).toFile());
    }
    Files.createFile(corpus().resolve("empty.jpg"));
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < ROWS; i++) {
      String file =
          switch (i) {
            case 100 -> "nowhere.jpg";
            case 150 -> "empty.jpg";
            default -> "p%02d.jpg".formatted(i % PICTURES);
          };
      rows.append(
          i == 50
              ? "{\"file\":\n"
              : """
              {"id": "i%03d", "file": "%s", "caption": "picture number %d", "author": "A. Painter"}
              """
                  .formatted(i == ROWS - 1 ? 10 : i, file, i));
    }
    Files.writeString(corpus().resolve("manifest.jsonl"), rows);
  }

  /// Large enough that a part of them takes an executor a moment.
  private static BufferedImage picture(Random random) {
    BufferedImage picture = new BufferedImage(1000, 750, BufferedImage.TYPE_INT_RGB);
    var graphics = picture.createGraphics();
    for (int i = 0; i < 400; i++) {
      graphics.setColor(new java.awt.Color(random.nextInt(0x1000000)));
      graphics.fillOval(random.nextInt(1000), random.nextInt(750), 200, 150);
    }
    graphics.dispose();
    return picture;
  }
}
