package gill.engine.llm;

import gill.engine.flow.Matrix;
import gill.engine.flow.Message;
import gill.engine.flow.Message.Role;
import gill.engine.flow.Pixels;
import gill.engine.flow.PromptPart;
import gill.engine.flow.PromptPart.ImagePart;
import gill.engine.flow.PromptPart.TextPart;
import gill.engine.flow.PromptSegment;
import gill.engine.runtime.BundleManifest.ChatFormat;
import gill.engine.runtime.BundleManifest.Example;
import gill.engine.runtime.BundleManifest.LanguageModelSpec;
import gill.engine.runtime.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Writes a dialogue down the way the language model knows it, up to where its next answer begins.
///
/// An image in a user's message becomes its visual tokens at its place. So does one that the
/// assistant showed, if the bundle's model was trained to see those; else only the text of such a
/// message is repeated, as in training. What people say is never read as markup: `<|im_end|>` in a
/// message is text. Safe for use by many threads.
public final class ChatTemplate {
  private final Tokenizer tokenizer;
  private final LanguageModelSpec spec;

  public ChatTemplate(Tokenizer tokenizer, LanguageModelSpec spec) {
    this.tokenizer = tokenizer;
    this.spec = spec;
  }

  /// The prompt of a dialogue whose next message is the assistant's. The bundle's own system prompt
  /// comes first unless the dialogue starts with a system message.
  ///
  /// @param visualTokens an image's `[n][H]` input embeddings
  public List<PromptSegment> segments(
      List<Message> messages, Function<Pixels, Matrix> visualTokens) {
    Writer writer = new Writer(visualTokens);
    boolean ownSystem = !messages.isEmpty() && messages.getFirst().role() == Role.SYSTEM;
    beginning(writer, ownSystem ? messages.getFirst() : message(Role.SYSTEM, spec.systemPrompt()));
    messages.subList(ownSystem ? 1 : 0, messages.size()).forEach(writer::message);
    return writer.answer();
  }

  /// What every dialogue without a system message of its own begins with: the first segment of its
  /// prompt. Empty if the bundle has neither system prompt nor examples.
  List<PromptSegment> constantBeginning() {
    Writer writer =
        new Writer(_ -> {
          throw new IllegalStateException("the beginning has no images");
        });
    beginning(writer, message(Role.SYSTEM, spec.systemPrompt()));
    return List.copyOf(writer.segments);
  }

  private void beginning(Writer writer, Message system) {
    if (!system.equals(message(Role.SYSTEM, ""))) {
      writer.message(system);
    }
    for (Example example : spec.examples()) {
      writer.message(message(Role.USER, example.user()));
      writer.message(message(Role.ASSISTANT, example.assistant()));
    }
    writer.flush();
  }

  private static Message message(Role role, String text) {
    return new Message(role, List.of(new TextPart(text)));
  }

  /// Collects text until a segment of another kind, or a place where markup must not form, ends it.
  private final class Writer {
    private final Function<Pixels, Matrix> visualTokens;
    private final List<PromptSegment> segments = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private boolean started;

    Writer(Function<Pixels, Matrix> visualTokens) {
      this.visualTokens = visualTokens;
    }

    void message(Message message) {
      switch (spec.chatFormat()) {
        case CHATML -> {
          text.append("<|im_start|>").append(role(message.role())).append('\n');
          parts(message);
          text.append("<|im_end|>\n");
        }
        case GILL_QA -> {
          text.append(
              switch (message.role()) {
                case SYSTEM -> "";
                case USER -> "Q: ";
                case ASSISTANT -> "A: ";
              });
          parts(message);
          text.append('\n');
        }
      }
    }

    private static String role(Role role) {
      return switch (role) {
        case SYSTEM -> "system";
        case USER -> "user";
        case ASSISTANT -> "assistant";
      };
    }

    private void parts(Message message) {
      PromptPart before = null;
      for (PromptPart part : message.parts()) {
        switch (part) {
          case TextPart(String said) -> {
            if (before instanceof TextPart) {
              text.append('\n');
            }
            plain(said.strip());
          }
          case ImagePart(Pixels pixels) -> {
            if (message.role() != Role.ASSISTANT || spec.readsShownImages()) {
              segment(new PromptSegment.VisualTokens(visualTokens.apply(pixels)));
            }
          }
        }
        before = part;
      }
    }

    /// Text in which special tokens must stay text: each is split after its first character, the
    /// halves are encoded apart.
    private void plain(String said) {
      int from = 0;
      for (int at = 0; at < said.length(); at++) {
        if (tokenizer.startsSpecial(said, at)) {
          text.append(said, from, at + 1);
          flush();
          from = at + 1;
        }
      }
      text.append(said, from, said.length());
    }

    private void segment(PromptSegment segment) {
      flush();
      segments.add(segment);
    }

    private void flush() {
      if (text.isEmpty()) {
        return;
      }
      int[] ids = tokenizer.encode(text.toString());
      text.setLength(0);
      if (!started && spec.bosTokenId() >= 0) {
        // As in the paper's code: an image before the first text comes before BOS too.
        int[] withBos = new int[ids.length + 1];
        withBos[0] = spec.bosTokenId();
        System.arraycopy(ids, 0, withBos, 1, ids.length);
        ids = withBos;
      }
      started = true;
      if (ids.length > 0) {
        segments.add(new PromptSegment.TokenIds(ids));
      }
    }

    List<PromptSegment> answer() {
      text.append(
          switch (spec.chatFormat()) {
            case CHATML -> "<|im_start|>assistant\n";
            case GILL_QA -> "A:";
          });
      flush();
      return List.copyOf(segments);
    }
  }

  /// Text that ends an answer although the model did not end it; empty = none.
  static String stopText(ChatFormat format) {
    return switch (format) {
      case CHATML -> "";
      case GILL_QA -> "\n";
    };
  }
}
