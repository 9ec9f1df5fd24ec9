package gill.web.api;

import gill.engine.flow.ImageRecord;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Who made a corpus picture, under which licence, and in which version of the corpus it was, as an
/// XMP packet (Dublin Core, XMP rights and XMP media management).
final class Credit {
  private Credit() {}

  static String xmp(ImageRecord image, String corpusVersion) {
    String rights =
        Stream.of(image.author(), image.source(), image.licence())
            .filter(part -> !part.isBlank())
            .collect(Collectors.joining(", "));
    return """
    <?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
    <x:xmpmeta xmlns:x="adobe:ns:meta/">
     <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
      <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/">
       <dc:identifier>%s</dc:identifier>
       <dc:source>%s</dc:source>
       <xmpMM:VersionID>%s</xmpMM:VersionID>
    %s%s%s%s  </rdf:Description>
     </rdf:RDF>
    </x:xmpmeta>
    <?xpacket end="r"?>\
    """
        .formatted(
            text(image.id().value()),
            text(image.source()),
            text(corpusVersion),
            list("dc:title", "Alt", " xml:lang=\"x-default\"", image.caption()),
            list("dc:creator", "Seq", "", image.author()),
            list("dc:rights", "Alt", " xml:lang=\"x-default\"", rights),
            list("xmpRights:UsageTerms", "Alt", " xml:lang=\"x-default\"", image.licence()));
  }

  private static String list(String name, String kind, String language, String value) {
    return value.isBlank()
        ? ""
        : "   <%1$s><rdf:%2$s><rdf:li%3$s>%4$s</rdf:li></rdf:%2$s></%1$s>\n"
            .formatted(name, kind, language, text(value));
  }

  /// What XML 1.0 may hold of a text, escaped.
  private static String text(String value) {
    String known =
        value.replaceAll("[^\\t\\n\\r\\x20-\\uD7FF\\uE000-\\uFFFD\\x{10000}-\\x{10FFFF}]", "");
    String escaped = known;
    for (List<String> pair :
        List.of(List.of("&", "&amp;"), List.of("<", "&lt;"), List.of(">", "&gt;"))) {
      escaped = escaped.replace(pair.getFirst(), pair.getLast());
    }
    return escaped;
  }
}
