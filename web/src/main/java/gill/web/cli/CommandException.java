package gill.web.cli;

/// A command that cannot go on. The message says the rule, the value and what to do; it is printed
/// without a stack trace and the program ends with `exitCode`.
final class CommandException extends RuntimeException {
  private final int exitCode;

  CommandException(String message) {
    this(message, 1);
  }

  CommandException(String message, int exitCode) {
    super(message);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }
}
