import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.solr.embedded.JettyConfig;
import org.apache.solr.embedded.JettySolrRunner;
import org.apache.zookeeper.server.ZooKeeperServerMain;

/// A server of the cluster tests, run as a source file: `solr HOME PORT ZOOKEEPER` or `zookeeper
/// PORT FOLDER`. It ends when its standard input does, so that none outlives the tests.
public class TestServer {
  public static void main(String[] arguments) throws Exception {
    Thread.ofPlatform().daemon().start(TestServer::endWithParent);
    switch (arguments[0]) {
      case "solr" -> solr(Path.of(arguments[1]), arguments[2], arguments[3]);
      case "zookeeper" -> ZooKeeperServerMain.main(new String[] {arguments[1], arguments[2]});
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    Thread.currentThread().join();
  }

  private static void endWithParent() {
    try {
      while (System.in.read() >= 0) {}
    } catch (IOException e) {
      // As its end.
    }
    Runtime.getRuntime().halt(1);
  }

  private static void solr(Path home, String port, String zooKeeper) throws Exception {
    Files.createDirectories(home);
    Files.writeString(
        home.resolve("solr.xml"),
        """
        <solr>
          <solrcloud>
            <str name="host">127.0.0.1</str>
            <int name="hostPort">%s</int>
            <str name="hostContext">solr</str>
            <int name="zkClientTimeout">${zkClientTimeout}</int>
          </solrcloud>
        </solr>
        """
            .formatted(port));
    System.setProperty("zkHost", zooKeeper);
    JettyConfig jetty =
        JettyConfig.builder().setContext("/solr").setPort(Integer.parseInt(port)).build();
    new JettySolrRunner(home.toString(), jetty).start();
  }
}
