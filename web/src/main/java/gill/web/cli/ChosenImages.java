package gill.web.cli;

import gill.engine.flow.PictureHash;
import gill.engine.retrieval.ImageSelector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/// Which images.
final class ChosenImages {
  @Option(names = "--id", paramLabel = "ID", description = "An image's id; may be repeated.")
  private List<String> ids = List.of();

  @Option(
      names = "--sha256",
      paramLabel = "HEX",
      description = "The SHA-256 of an image file, in whatever folder; may be repeated.")
  private List<String> digests = List.of();

  @Option(
      names = "--url",
      paramLabel = "ADDRESS",
      description =
          "Where images came from, as their metadata say (source_url, url or attribution); may be"
              + " repeated.")
  private List<String> urls = List.of();

  @Option(
      names = "--phash",
      paramLabel = "HEX",
      description =
          "Images that look the same: the perceptual hash as their metadata have it (phash); may"
              + " be repeated.")
  private List<String> hashes = List.of();

  @Option(
      names = "--picture",
      paramLabel = "FILE",
      description = "Images that look the same as this picture; may be repeated.")
  private List<Path> pictures = List.of();

  List<ImageSelector> selectors() {
    List<ImageSelector> all = new ArrayList<>();
    try {
      ids.forEach(id -> all.add(new ImageSelector(ImageSelector.Kind.ID, id)));
      digests.forEach(it -> all.add(new ImageSelector(ImageSelector.Kind.SHA256, it)));
      hashes.forEach(it -> all.add(new ImageSelector(ImageSelector.Kind.PHASH, it)));
      pictures.forEach(file ->
          all.add(
              new ImageSelector(
                  ImageSelector.Kind.PHASH, PictureHash.of(SearchOptions.picture(file)).hex())));
      urls.forEach(url -> all.add(new ImageSelector(ImageSelector.Kind.URL, url)));
    } catch (IllegalArgumentException e) {
      throw new CommandException(String.valueOf(e.getMessage()), 2);
    }
    return all;
  }

  List<ImageSelector> required() {
    List<ImageSelector> all = selectors();
    if (all.isEmpty()) {
      throw new CommandException(
          "say which images: give --id, --sha256, --phash, --picture or --url", 2);
    }
    return all;
  }
}
