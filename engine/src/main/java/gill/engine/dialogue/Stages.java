package gill.engine.dialogue;

import gill.engine.decision.Decider;
import gill.engine.diffusion.Diffusion;
import gill.engine.llm.ChatTemplate;
import gill.engine.llm.Decoder;
import gill.engine.mapper.GenerationHead;
import gill.engine.mapper.RetrievalHead;
import gill.engine.runtime.Bundle;
import gill.engine.vision.TextEncoder;
import gill.engine.vision.VisualEncoder;

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
  /// All stages of a bundle; loads its models.
  public static Stages of(Bundle bundle) {
    return new Stages(
        new ChatTemplate(bundle.languageTokenizer(), bundle.manifest().languageModel()),
        new Decoder(bundle),
        new VisualEncoder(bundle),
        new TextEncoder(bundle),
        new RetrievalHead(bundle),
        new GenerationHead(bundle),
        new Decider(bundle),
        new Diffusion(bundle));
  }
}
