package gill.web.cli;

import gill.indexer.fetch.FetchRules;
import gill.indexer.read.SourceOptions;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/// How a source of images is read (a picocli mixin).
final class SourceFlags {
  @Option(
      names = "--images",
      paramLabel = "DIR",
      description = "Where the pictures of a folder of vectors lie, if not where it says itself.")
  private Path images = Path.of("");

  @Option(
      names = "--user-agent",
      paramLabel = "NAME",
      description =
          "How the fetcher of addresses calls itself, e.g. mybot/1.0 (+https://...); its first word"
              + " is the name that robots.txt is asked for (default: gill-indexer/1.0).")
  private String userAgent = FetchRules.DEFAULT.userAgent();

  @Option(
      names = "--per-host",
      paramLabel = "N",
      defaultValue = "2",
      description = "Connections to one host at a time (default: 2).")
  private int perHost = 2;

  @Option(
      names = "--allow-private-addresses",
      description =
          "Also fetch from addresses of this machine and of private networks, which are refused"
              + " otherwise.")
  private boolean privateAddresses;

  /// @param pictures folder for the pictures of archives and of addresses
  SourceOptions options(Path pictures, boolean rehearsal) {
    try {
      return SourceOptions.of(pictures)
          .withImages(images)
          .withRehearsal(rehearsal)
          .withFetching(
              FetchRules.DEFAULT
                  .withUserAgent(userAgent)
                  .withPerHost(perHost)
                  .withPrivateAddresses(privateAddresses));
    } catch (IllegalArgumentException e) {
      throw new CommandException(String.valueOf(e.getMessage()), 2);
    }
  }
}
