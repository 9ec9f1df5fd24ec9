package gill.engine.retrieval;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Rows whose records differ in everything that can be filtered.
final class SearchRows {
  private static final List<String> THINGS = List.of("apple", "boat", "cat", "drum", "engine");
  private static final List<String> COLOURS = List.of("red", "green", "blue");

  private SearchRows() {}

  static List<IndexedImage> rows(int count, long seed) {
    Random random = new Random(seed);
    List<IndexedImage> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(
          new IndexedImage(
              image(i, random),
              SampleRows.vector(random, SampleRows.CLIP),
              SampleRows.vector(random, SampleRows.GILL)));
    }
    return rows;
  }

  private static ImageRecord image(int i, Random random) {
    String thing = THINGS.get(random.nextInt(5));
    String colour = COLOURS.get(random.nextInt(3));
    Map<String, String> names =
        random.nextBoolean() ? Map.of("de", thing + " deutsch") : Map.of("fr", thing, "de", "Ding");
    Map<String, String> metadata =
        random.nextInt(4) == 0
            ? Map.of("year", "unknown")
            : Map.of(
                "year", Integer.toString(1990 + random.nextInt(30)),
                "taken", "20%02d-0%d-11".formatted(random.nextInt(20), 1 + random.nextInt(9)));
    return new ImageRecord(
        new ImageId("w/%04d".formatted(i)),
        colour + " " + thing,
        List.of(thing, THINGS.get(random.nextInt(5))),
        names,
        "source " + random.nextInt(4),
        random.nextBoolean() ? "" : "Ä. Author",
        random.nextBoolean() ? "MIT" : "CC0-1.0",
        random.nextBoolean() ? "flat" : "3d",
        "group/" + random.nextInt(3),
        List.of(colour, COLOURS.get(random.nextInt(3))),
        "images/" + i + ".webp",
        "%064x".formatted(i),
        16 + random.nextInt(100),
        16 + random.nextInt(100),
        metadata);
  }
}
