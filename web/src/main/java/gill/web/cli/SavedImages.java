package gill.web.cli;

import gill.engine.Engine;
import gill.engine.flow.Decision;
import gill.engine.flow.GeneratedPicture;
import gill.engine.flow.Hit;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Saves the images of an answer to a folder and says where each came from.
final class SavedImages {
  private final Engine engine;
  private final Path folder;

  SavedImages(Engine engine, Path folder) {
    this.engine = engine;
    this.folder = folder;
  }

  /// Saves the image of `output`, if it has one, and describes it in lines.
  List<String> save(Output output) {
    return switch (output) {
      case Output.RetrievedImage(Hit hit, Decision decision, _, String note) ->
          describe(retrieved(hit.image()), "retrieved", credit(hit), decision, note);
      case Output.GeneratedImage(GeneratedPicture picture, Decision decision, _, String note) -> {
        List<String> lines =
            new ArrayList<>(
                describe(generated(picture), "generated", facts(picture), decision, note));
        picture.references().forEach(image -> lines.add("  leaning on " + credit(image)));
        yield lines;
      }
      case Output.NoImage(Decision decision, _, String reason) ->
          List.of("[no image] " + reason + " (" + why(decision) + ")");
      case Output.TextDelta _, Output.Progress _, Output.Finished _ -> List.of();
    };
  }

  private static List<String> describe(
      String file, String kind, String facts, Decision decision, String note) {
    String line = "[" + kind + "] " + facts + " (" + why(decision) + ") -> " + file;
    return note.isEmpty() ? List.of(line) : List.of(line, "  " + note);
  }

  private static String why(Decision decision) {
    String chosen = decision.choice().name().toLowerCase(Locale.ROOT);
    return decision.forced()
        ? chosen + ", as asked"
        : String.format(Locale.ROOT, "%s, corpus %.0f %%", chosen, 100 * decision.pRetrieve());
  }

  private static String credit(Hit hit) {
    return String.format(
        Locale.ROOT,
        "%s, score %.3f, fits with %.0f %%",
        credit(hit.image()),
        hit.score(),
        100 * hit.pMatch());
  }

  private static String credit(ImageRecord image) {
    return String.format(
        Locale.ROOT,
        "%s: \"%s\", %s, %s, %s",
        image.id().value(),
        image.caption(),
        image.source(),
        image.author().isEmpty() ? "author unknown" : image.author(),
        image.licence());
  }

  private static String facts(GeneratedPicture picture) {
    return String.format(
        Locale.ROOT,
        "\"%s\", seed %d, %d steps, guidance %.1f, %s, confidence %.2f",
        picture.prompt(),
        picture.seed(),
        picture.numInferenceSteps(),
        picture.guidanceScale(),
        picture.model(),
        picture.confidence());
  }

  private String retrieved(ImageRecord image) {
    Optional<Path> file = engine.imageFile(image);
    if (file.isEmpty()) {
      return "gone from the disk";
    }
    String name = String.valueOf(file.get().getFileName());
    int dot = name.lastIndexOf('.');
    String extension = dot < 0 ? "" : name.substring(dot);
    Path target = folder.resolve(image.id().value().replaceAll("[^A-Za-z0-9._-]", "-") + extension);
    try {
      Files.createDirectories(folder);
      Files.copy(file.get(), target, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new CommandException("cannot save " + target + ": " + e.getMessage());
    }
    return target.toString();
  }

  private String generated(GeneratedPicture picture) {
    Path target = folder.resolve("generated-" + picture.id().substring(0, 12) + ".png");
    try {
      Files.createDirectories(folder);
      Files.write(target, picture.png());
    } catch (IOException e) {
      throw new CommandException("cannot save " + target + ": " + e.getMessage());
    }
    return target.toString();
  }
}
