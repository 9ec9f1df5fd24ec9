package gill.engine.retrieval.solr;

import gill.engine.fault.IndexException;
import gill.engine.retrieval.IndexHeader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.solr.client.solrj.request.CollectionAdminRequest;
import org.apache.solr.client.solrj.request.ConfigSetAdminRequest;
import org.apache.solr.common.util.ContentStreamBase;
import org.apache.solr.common.util.NamedList;

/// Makes collections and points aliases at them, over HTTP alone.
final class SolrCollections {
  private final SolrCalls calls;

  SolrCollections(SolrCalls calls) {
    this.calls = calls;
  }

  void create(SolrShape shape, IndexHeader header) {
    String collection = calls.place().collection();
    if (exists(collection)) {
      throw new IndexException(
          calls.place()
              + " exists already. Give a new name, or add to it: ./gill corpus push ... --update");
    }
    int nodes = liveNodes();
    if (nodes < shape.replicas()) {
      throw new IndexException(
          calls.place()
              + " needs "
              + shape.replicas()
              + " nodes, "
              + nodes
              + " are there: each replica of a shard lies on a node of its own");
    }
    String configSet =
        "gill-%d-%dx%d"
            .formatted(SolrLayout.VERSION, header.clipDimension(), header.gillDimension());
    ConfigSetAdminRequest.Upload upload = new ConfigSetAdminRequest.Upload();
    upload.setConfigSetName(configSet);
    upload.setOverwrite(true);
    upload.setUploadStream(
        new ContentStreamBase.ByteArrayStream(zip(header), configSet, "application/octet-stream"));
    calls.administer(upload);
    CollectionAdminRequest.Create create =
        CollectionAdminRequest.createCollection(
            collection, configSet, shape.shards(), shape.replicas());
    create.setWaitForFinalState(true);
    calls.administer(create);
  }

  private boolean exists(String collection) {
    Object all =
        calls.administer(new CollectionAdminRequest.List()).getResponse().get("collections");
    return all instanceof java.util.List<?> names && names.contains(collection);
  }

  private int liveNodes() {
    Object cluster =
        calls.administer(CollectionAdminRequest.getClusterStatus()).getResponse().get("cluster");
    Object nodes =
        switch (cluster) {
          case NamedList<?> named -> named.get("live_nodes");
          case Map<?, ?> map -> map.get("live_nodes");
          case null, default -> null;
        };
    return nodes instanceof Collection<?> live ? live.size() : 0;
  }

  void alias(String alias) {
    SolrPlace.requireName(alias);
    calls.administer(CollectionAdminRequest.createAlias(alias, calls.place().collection()));
  }

  private static byte[] zip(IndexHeader header) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String file : java.util.List.of("solrconfig.xml", "schema.xml")) {
        zip.putNextEntry(new ZipEntry(file));
        zip.write(
            text(file)
                .replace("@CLIP@", Integer.toString(header.clipDimension()))
                .replace("@GILL@", Integer.toString(header.gillDimension()))
                .getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("packing the config set", e);
    }
    return bytes.toByteArray();
  }

  private static String text(String file) throws IOException {
    try (InputStream resource =
        Objects.requireNonNull(SolrCollections.class.getResourceAsStream(file), file)) {
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
