package gill.engine.retrieval;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A copy of a shard, as the cluster sees it.
///
/// @param node the position of the node that holds it among those of the cluster
record SolrReplica(String shard, String core, int node, boolean active, boolean leader) {
  private static final JsonMapper JSON = new JsonMapper();

  /// The replicas of a collection as `asked`, a running node, sees them; none if it does not say.
  static List<SolrReplica> of(SolrCluster cluster, int asked, String collection) {
    JsonNode status =
        json(cluster.get(asked, "/admin/collections?action=CLUSTERSTATUS&collection=" + collection))
            .path("cluster");
    Set<String> live =
        Set.copyOf(status.path("live_nodes").valueStream().map(JsonNode::asString).toList());
    List<SolrReplica> replicas = new ArrayList<>();
    status
        .path("collections")
        .path(collection)
        .path("shards")
        .forEachEntry((shard, it) ->
            it.path("replicas")
                .forEach(replica -> {
                  String node = replica.path("node_name").asString("");
                  replicas.add(
                      new SolrReplica(
                          shard,
                          replica.path("core").asString(""),
                          cluster.nodeOf(node),
                          live.contains(node)
                              && replica.path("state").asString("").equals("active"),
                          replica.path("leader").asString("").equals("true")));
                }));
    return replicas;
  }

  /// What the replica itself answers to a query of all its documents, others not asked: their ids.
  Set<String> ids(SolrCluster cluster) {
    return Set.copyOf(
        json(cluster.get(
                node, "/" + core + "/select?q=kind:image&fl=id&rows=1000000&distrib=false&wt=json"))
            .path("response")
            .path("docs")
            .valueStream()
            .map(it -> it.path("id").asString(""))
            .toList());
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text.isEmpty() ? "{}" : text);
    } catch (JacksonException _) {
      return JSON.createObjectNode();
    }
  }
}
