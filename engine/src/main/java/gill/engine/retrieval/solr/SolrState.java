package gill.engine.retrieval.solr;

import gill.engine.fault.IndexException;
import gill.engine.flow.IndexCalibration;
import gill.engine.retrieval.BundleStamp;
import gill.engine.retrieval.CalibrationData;
import gill.engine.retrieval.IndexHeader;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.solr.common.SolrDocument;
import org.apache.solr.common.SolrInputDocument;

/// What a collection says about itself, in its document [SolrLayout#HEADER]: written last at each
/// commit, so that who sees it sees all that was written before.
///
/// @param generation of the commit: two states of a collection never share it
record SolrState(IndexHeader header, IndexCalibration calibration, String generation) {
  private static final String VERSION = "gill.solr_version";
  private static final String NAME = "gill.bundle.name";
  private static final String BUNDLE_VERSION = "gill.bundle.version";
  private static final String FINGERPRINT = "gill.bundle.fingerprint";
  private static final String CLIP = "gill.dimension.clip";
  private static final String GILL = "gill.dimension.gill";
  private static final String ROOT = "gill.image_root";
  private static final String GENERATION = "gill.generation";
  private static final String MILLISECONDS = "_version_";

  SolrInputDocument document() {
    Map<String, String> data = new LinkedHashMap<>();
    data.put(VERSION, Integer.toString(SolrLayout.VERSION));
    data.put(NAME, header.bundle().name());
    data.put(BUNDLE_VERSION, header.bundle().version());
    data.put(FINGERPRINT, header.bundle().fingerprint());
    data.put(CLIP, Integer.toString(header.clipDimension()));
    data.put(GILL, Integer.toString(header.gillDimension()));
    data.put(ROOT, header.imageRoot().toString());
    data.put(GENERATION, generation);
    data.putAll(CalibrationData.write(calibration));
    SolrInputDocument document = new SolrInputDocument();
    document.setField("id", SolrLayout.HEADER);
    data.forEach((key, value) -> document.addField(SolrLayout.DATA, key + "=" + value));
    return document;
  }

  /// Reads a collection's state. Throws [IndexException] if it holds none of ours.
  static SolrState read(SolrCalls calls) {
    Map<String, String> data = new LinkedHashMap<>();
    for (SolrDocument document : SolrFacts.one(calls, SolrLayout.HEADER, SolrLayout.DATA)) {
      for (String line : SolrLayout.texts(document, SolrLayout.DATA)) {
        String[] parts = line.split("=", 2);
        data.put(parts[0], parts.length == 2 ? parts[1] : "");
      }
    }
    return of(calls.place(), data);
  }

  /// When the last commit was written: Solr's version of a document begins with its milliseconds.
  static Instant written(SolrCalls calls) {
    return SolrFacts.one(calls, SolrLayout.HEADER, MILLISECONDS).stream()
        .map(document -> document.getFieldValue(MILLISECONDS))
        .filter(Long.class::isInstance)
        .map(version -> Instant.ofEpochMilli((Long) version >> 20))
        .findFirst()
        .orElse(Instant.EPOCH);
  }

  private static SolrState of(SolrPlace place, Map<String, String> data) {
    String version = data.getOrDefault(VERSION, "");
    if (!version.equals(Integer.toString(SolrLayout.VERSION))) {
      throw new IndexException(
          place
              + (version.isEmpty()
                  ? " holds no images of this program"
                  : " has format version " + version + ", this program reads " + SolrLayout.VERSION)
              + ". "
              + again(place));
    }
    List<String> missing =
        List.of(NAME, BUNDLE_VERSION, FINGERPRINT, CLIP, GILL, ROOT, GENERATION).stream()
            .filter(key -> !data.containsKey(key))
            .toList();
    if (!missing.isEmpty()) {
      throw new IndexException(place + " lacks " + missing + " in its header. " + again(place));
    }
    try {
      return new SolrState(
          new IndexHeader(
              new BundleStamp(
                  data.getOrDefault(NAME, ""),
                  data.getOrDefault(BUNDLE_VERSION, ""),
                  data.getOrDefault(FINGERPRINT, "")),
              Integer.parseInt(data.getOrDefault(CLIP, "")),
              Integer.parseInt(data.getOrDefault(GILL, "")),
              Path.of(data.getOrDefault(ROOT, ""))),
          CalibrationData.read(data),
          data.getOrDefault(GENERATION, ""));
    } catch (IllegalArgumentException e) {
      throw new IndexException(
          place + " has an unusable header: " + e.getMessage() + ". " + again(place), e);
    }
  }

  /// Throws [IndexException] if another bundle made the vectors.
  SolrState requireBundle(SolrPlace place, BundleStamp bundle) {
    if (!header.bundle().fingerprint().equals(bundle.fingerprint())) {
      throw new IndexException(
          place
              + " was made by the bundle "
              + header.bundle()
              + ", but the bundle is "
              + bundle
              + ": their vectors do not compare. "
              + again(place)
              + ", or open it with the bundle that made it");
    }
    return this;
  }

  private static String again(SolrPlace place) {
    return "Push an index of this bundle to a new collection: ./gill corpus push <index folder>"
        + " --solr-url "
        + String.join(",", place.urls())
        + " --collection <new name>";
  }
}
