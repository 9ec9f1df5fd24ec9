package gill.indexer.fetch;

import java.net.InetAddress;
import java.net.UnknownHostException;

/// Looks up the addresses of a host.
@FunctionalInterface
interface NameService {
  InetAddress[] resolve(String host) throws UnknownHostException;
}
