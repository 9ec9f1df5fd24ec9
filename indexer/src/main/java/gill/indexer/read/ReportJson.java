package gill.indexer.read;

import gill.indexer.flow.CorpusProfile;
import gill.indexer.flow.Failure;
import gill.indexer.flow.IndexingReport;
import gill.indexer.flow.NearDuplicate;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Reports as JSON objects with snake_case keys.
final class ReportJson {
  private static final JsonMapper JSON = new JsonMapper();

  private ReportJson() {}

  static ObjectNode of(IndexingReport report) {
    ObjectNode object = JSON.createObjectNode();
    object.put("source", report.source());
    object.put("index", report.index());
    object.put("bundle", report.bundle());
    object.put("fingerprint", report.fingerprint());
    object.put("total", report.total());
    object.put("images", report.images());
    object.put("duplicates", report.duplicates());
    object.put("resumed", report.resumed());
    object.put("added", report.changes().added());
    object.put("changed", report.changes().changed());
    object.put("unchanged", report.changes().unchanged());
    object.put("removed", report.changes().removed());
    object.put("failed", report.failed());
    ObjectNode reasons = object.putObject("failures_by_reason");
    report.failuresByReason().forEach(reasons::put);
    ArrayNode rows = object.putArray("failures");
    report.failures().forEach(failure -> rows.add(of(failure)));
    object.put("started", report.started().toString());
    object.put("seconds", rounded(report.seconds()));
    object.put("images_per_second", rounded(report.imagesPerSecond()));
    ObjectNode stages = object.putObject("stage_seconds");
    report.stageSeconds().forEach((stage, seconds) -> stages.put(stage, rounded(seconds)));
    add(object, report.profile());
    return object;
  }

  private static void add(ObjectNode object, CorpusProfile profile) {
    object.put("near_duplicates", profile.nearDuplicates());
    object.put("near_duplicates_dropped", profile.dropped());
    ArrayNode pairs = object.putArray("near_duplicate_pairs");
    profile.duplicates().forEach(pair -> pairs.add(of(pair)));
    ObjectNode distributions = object.putObject("distributions");
    profile
        .distributions()
        .forEach((name, counts) -> {
          ObjectNode values = distributions.putObject(name);
          counts.forEach(values::put);
        });
    ArrayNode samples = object.putArray("samples");
    profile.samples().forEach(sample -> samples.add(sample.id()));
    ArrayNode pace = object.putArray("throughput");
    profile
        .pace()
        .forEach(mark ->
            pace.addObject().put("seconds", rounded(mark.seconds())).put("done", mark.done()));
  }

  static ObjectNode of(Failure failure) {
    return JSON.createObjectNode()
        .put("id", failure.id())
        .put("path", failure.path())
        .put("reason", failure.reason())
        .put("message", failure.message());
  }

  static ObjectNode of(NearDuplicate duplicate) {
    return JSON.createObjectNode()
        .put("id", duplicate.id())
        .put("duplicate_of", duplicate.original())
        .put("bits", duplicate.bits())
        .put("cosine", Math.round(duplicate.cosine() * 1e5) / 1e5);
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
