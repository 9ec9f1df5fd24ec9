package gill.engine.retrieval.solr;

/// How a collection is spread over the nodes.
///
/// @param shards parts of the images, each searched by itself
/// @param replicas copies of each shard, each on another node
public record SolrShape(int shards, int replicas) {
  public static final SolrShape ONE = new SolrShape(1, 1);

  public SolrShape {
    if (shards < 1 || shards > 1024 || replicas < 1 || replicas > 64) {
      throw new IllegalArgumentException(
          "shards must be in 1 to 1024 and replicas in 1 to 64, got "
              + shards
              + " and "
              + replicas);
    }
  }
}
