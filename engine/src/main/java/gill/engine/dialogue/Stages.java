package gill.engine.dialogue;

import gill.engine.decision.Decider;
import gill.engine.diffusion.Diffusion;
import gill.engine.fault.InferenceException;
import gill.engine.llm.ChatTemplate;
import gill.engine.llm.Decoder;
import gill.engine.mapper.GenerationHead;
import gill.engine.mapper.RetrievalHead;
import gill.engine.runtime.Bundle;
import gill.engine.vision.TextEncoder;
import gill.engine.vision.VisualEncoder;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// The stages of one bundle, each safe for use by many threads. The bundle that made them closes
/// their models.
public record Stages(
    ChatTemplate chatTemplate,
    Decoder decoder,
    VisualEncoder visualEncoder,
    TextEncoder textEncoder,
    RetrievalHead retrievalHead,
    GenerationHead generationHead,
    Decider decider,
    Diffusion diffusion) {
  private static final int AT_ONCE = 4;

  /// All stages of a bundle; loads its models, several at once. Throws as their constructors.
  public static Stages of(Bundle bundle) {
    try (ExecutorService loading =
        Executors.newFixedThreadPool(
            AT_ONCE, Thread.ofPlatform().daemon().name("loading-", 0).factory())) {
      // The longest first.
      Future<Decoder> decoder = loading.submit(() -> new Decoder(bundle));
      Future<TextEncoder> text = loading.submit(() -> new TextEncoder(bundle));
      Future<VisualEncoder> visual = loading.submit(() -> new VisualEncoder(bundle));
      Future<Diffusion> diffusion = loading.submit(() -> new Diffusion(bundle));
      Future<ChatTemplate> template =
          loading.submit(() ->
              new ChatTemplate(bundle.languageTokenizer(), bundle.manifest().languageModel()));
      Future<GenerationHead> generation = loading.submit(() -> new GenerationHead(bundle));
      Future<RetrievalHead> retrieval = loading.submit(() -> new RetrievalHead(bundle));
      Future<Decider> decider = loading.submit(() -> new Decider(bundle));
      return new Stages(
          loaded(template),
          loaded(decoder),
          loaded(visual),
          loaded(text),
          loaded(retrieval),
          loaded(generation),
          loaded(decider),
          loaded(diffusion));
    }
  }

  private static <T> T loaded(Future<T> stage) {
    try {
      return stage.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InferenceException("interrupted while the models were being loaded", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException fault
          ? fault
          : new InferenceException("a model cannot be loaded: " + e.getCause(), e);
    }
  }
}
