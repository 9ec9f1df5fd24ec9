package gill.web;

/// The address is taken, or not this machine's.
public final class PortInUseException extends RuntimeException {
  PortInUseException(String host, int port, Throwable cause) {
    super(
        "cannot listen on "
            + host
            + ":"
            + port
            + ": "
            + cause.getMessage()
            + ". Stop what uses it or choose another with --port.",
        cause);
  }
}
