package gill.web.jobs;

import gill.engine.flow.Cancellation;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// For a server whose engine has no index folder of its own.
record NoCorpora() implements Corpora {
  private static final String NONE = "this server has no index of its own to change";

  @Override
  public List<Corpus> list() {
    return List.of();
  }

  @Override
  public Optional<Path> target(@Nullable String index) {
    return Optional.empty();
  }

  @Override
  public Optional<Path> source(Path source) {
    return Optional.empty();
  }

  @Override
  public boolean allowsIndexing() {
    return false;
  }

  @Override
  public Indexed index(Order order, Path failures, Listener listener, Cancellation cancellation) {
    throw new IllegalArgumentException(NONE);
  }

  @Override
  public List<TakenDown> takedowns() {
    return List.of();
  }

  @Override
  public TakedownResult takeDown(List<TakenDown> which) {
    throw new IllegalArgumentException(NONE);
  }
}
