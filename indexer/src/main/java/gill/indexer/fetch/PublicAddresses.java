package gill.indexer.fetch;

import java.net.InetAddress;

/// Tells addresses of the public internet from those of this machine, of private networks and of
/// special use (RFC 6890, RFC 6598, RFC 4193).
final class PublicAddresses {
  private PublicAddresses() {}

  static boolean isPublic(InetAddress address) {
    if (address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    return bytes.length == 4 ? isPublicV4(bytes) : isPublicV6(bytes);
  }

  private static boolean isPublicV4(byte[] bytes) {
    int first = bytes[0] & 0xff;
    int second = bytes[1] & 0xff;
    int third = bytes[2] & 0xff;
    return switch (first) {
      case 0, 10, 127 -> false;
      case 100 -> second < 64 || second > 127;
      case 169 -> second != 254;
      case 172 -> second < 16 || second > 31;
      case 192 -> !(second == 168 || second == 0 && (third == 0 || third == 2));
      case 198 -> !(second == 18 || second == 19 || second == 51 && third == 100);
      case 203 -> !(second == 0 && third == 113);
      default -> first < 224;
    };
  }

  /// Global unicast (2000::/3) less what leads to IPv4 addresses by a detour and less
  /// documentation.
  private static boolean isPublicV6(byte[] bytes) {
    int first = (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
    int second = (bytes[2] & 0xff) << 8 | bytes[3] & 0xff;
    boolean detour = first == 0x2002 || first == 0x2001 && second < 0x0200;
    boolean documentation = first == 0x2001 && second == 0x0db8;
    return (first & 0xe000) == 0x2000 && !detour && !documentation;
  }
}
