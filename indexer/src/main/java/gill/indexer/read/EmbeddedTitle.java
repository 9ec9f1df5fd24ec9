package gill.indexer.read;

import com.drew.imaging.ImageMetadataReader;
import com.drew.imaging.ImageProcessingException;
import com.drew.metadata.Directory;
import com.drew.metadata.Metadata;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.iptc.IptcDirectory;
import com.drew.metadata.xmp.XmpDirectory;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// The title that a picture file carries itself: IPTC caption or object name, XMP `dc:description`
/// or `dc:title`, or EXIF's image description, in this order.
final class EmbeddedTitle {
  private EmbeddedTitle() {}

  /// Empty if there is none, or it cannot be read.
  static String of(Path file) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 14)) {
      return of(ImageMetadataReader.readMetadata(in, Files.size(file)));
    } catch (IOException | ImageProcessingException | RuntimeException _) {
      // The library answers broken files with exceptions of many kinds; the name serves then.
      return "";
    }
  }

  private static String of(Metadata metadata) {
    for (IptcDirectory iptc : metadata.getDirectoriesOfType(IptcDirectory.class)) {
      String title =
          first(
              text(iptc, IptcDirectory.TAG_CAPTION),
              text(iptc, IptcDirectory.TAG_HEADLINE),
              text(iptc, IptcDirectory.TAG_OBJECT_NAME));
      if (!title.isEmpty()) {
        return title;
      }
    }
    for (XmpDirectory xmp : metadata.getDirectoriesOfType(XmpDirectory.class)) {
      Map<String, String> properties = xmp.getXmpProperties();
      String title =
          first(
              properties.getOrDefault("dc:description[1]", ""),
              properties.getOrDefault("dc:title[1]", ""));
      if (!title.isEmpty()) {
        return title;
      }
    }
    for (ExifIFD0Directory exif : metadata.getDirectoriesOfType(ExifIFD0Directory.class)) {
      String title = text(exif, ExifIFD0Directory.TAG_IMAGE_DESCRIPTION);
      if (!title.isEmpty()) {
        return title;
      }
    }
    return "";
  }

  private static String text(Directory directory, int tag) {
    String text = directory.getString(tag);
    return text == null ? "" : Sidecars.shortened(text);
  }

  private static String first(String... texts) {
    for (String text : texts) {
      if (!text.isBlank()) {
        return Sidecars.shortened(text);
      }
    }
    return "";
  }
}
