package gill.indexer.fetch;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.apache.hc.client5.http.DnsResolver;

/// Looks up a host for a connection and leaves only addresses of the public internet. The client
/// connects to what this gave, so a name that answers differently when it is asked again gains
/// nothing by it; and it is asked anew for each connection, so redirects are checked too.
final class CheckedNames implements DnsResolver {
  private final NameService names;
  private final boolean privateAddresses;

  /// @param privateAddresses whether every address will do
  CheckedNames(NameService names, boolean privateAddresses) {
    this.names = names;
    this.privateAddresses = privateAddresses;
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    InetAddress[] all = names.resolve(host);
    InetAddress[] allowed =
        privateAddresses
            ? all
            : Arrays.stream(all).filter(PublicAddresses::isPublic).toArray(InetAddress[]::new);
    if (all.length > 0 && allowed.length == 0) {
      throw new PrivateAddressException(host);
    }
    return allowed;
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }

  /// A host that is not on the public internet.
  static final class PrivateAddressException extends UnknownHostException {
    PrivateAddressException(String host) {
      super(host + " is an address of this machine or of a private network");
    }
  }
}
