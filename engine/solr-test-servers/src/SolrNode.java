import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.solr.embedded.JettyConfig;
import org.apache.solr.embedded.JettySolrRunner;

/// One Solr node of the cluster tests, run as a source file: HOME PORT ZOOKEEPER.
public class SolrNode {
  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]);
    Files.createDirectories(home);
    Files.writeString(
        home.resolve("solr.xml"),
        """
        <solr>
          <solrcloud>
            <str name="host">127.0.0.1</str>
            <int name="hostPort">%s</int>
            <str name="hostContext">solr</str>
            <int name="zkClientTimeout">10000</int>
          </solrcloud>
        </solr>
        """
            .formatted(arguments[1]));
    System.setProperty("zkHost", arguments[2]);
    new JettySolrRunner(
            home.toString(),
            JettyConfig.builder()
                .setContext("/solr")
                .setPort(Integer.parseInt(arguments[1]))
                .build())
        .start();
    System.out.println("started");
    Thread.currentThread().join();
  }
}
