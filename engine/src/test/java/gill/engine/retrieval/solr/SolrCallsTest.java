package gill.engine.retrieval.solr;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.apache.solr.client.solrj.RemoteSolrException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which of a server's words are a no, and which may be otherwise in a moment.
class SolrCallsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | undefined field: colour | true",
        "404 | Collection not found: icons | true",
        "400 | Could not load collection from ZK: icons | false",
        "408 | Request timeout | false",
        "429 | Too many requests | false",
        "503 | Cannot talk to ZooKeeper - Updates are disabled. | false",
        "500 | out of memory | false",
      })
  void isRefusal_onlyWhereAskingAgainIsInVain(int status, String said, boolean refusal) {
    RemoteSolrException fault = new RemoteSolrException("http://a:8983", status, said, null);
    assertEquals(refusal, SolrCalls.isRefusal(fault));
    assertEquals(refusal, SolrCalls.isRefusal(new RuntimeException(said, fault)));
  }
}
