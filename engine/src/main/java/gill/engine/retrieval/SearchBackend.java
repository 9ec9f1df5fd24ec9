package gill.engine.retrieval;

import java.util.function.Function;

/// Search over a corpus of images. Safe for use by many threads.
///
/// Each call sees the corpus as it is then; [#read] is for several that must see the same. After
/// [#close] every call throws [IllegalStateException].
public interface SearchBackend extends CorpusView, AutoCloseable {
  /// Hands the corpus in its present state to `questions`, which sees that state to its end,
  /// whatever changes meanwhile. The view must not be kept.
  <T> T read(Function<CorpusView, T> questions);

  @Override
  void close();
}
