package gill.engine.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import gill.engine.fault.InferenceException;
import gill.engine.runtime.BundleManifest.LanguageModelSpec;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// A decoder-only language model that reads embeddings and keeps its key-value cache in native
/// memory between steps.
///
/// The model is safe for use by many threads; each [Pass] belongs to one.
public final class CausalLm implements AutoCloseable {
  private static final String PAST = "past_key_values.";
  private static final String PRESENT = "present.";

  private final Path file;
  private final LanguageModelSpec spec;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final boolean picksLogits;
  private final List<String> cacheNames = new ArrayList<>();
  private final Queue<Prefix> prefixes = new ConcurrentLinkedQueue<>();
  private final LeakCheck.Ticket ticket;

  private CausalLm(
      Path file,
      LanguageModelSpec spec,
      OrtEnvironment environment,
      OrtSession session,
      boolean picksLogits) {
    this.file = file;
    this.spec = spec;
    this.environment = environment;
    this.session = session;
    this.picksLogits = picksLogits;
    for (int i = 0; i < spec.numLayers(); i++) {
      cacheNames.add(i + ".key");
      cacheNames.add(i + ".value");
    }
    this.ticket = LeakCheck.opened("language model " + file);
  }

  /// Loads `language_model/model.onnx` and the weights beside it. Throws [InferenceException] if it
  /// is missing or not a model.
  public static CausalLm load(Path onnx, LanguageModelSpec spec, ModelOptions options) {
    Path file = onnx.toAbsolutePath();
    OrtEnvironment environment = NativeRuntime.environment();
    try (SessionOptions session = NativeRuntime.sessionOptions(options)) {
      boolean picksLogits =
          OnnxSignature.read(file).inputs().stream().anyMatch(i -> i.name().equals("logits_index"));
      return new CausalLm(
          file,
          spec,
          environment,
          environment.createSession(file.toString(), session),
          picksLogits);
    } catch (IOException | OrtException e) {
      throw new InferenceException("cannot load the model " + file + ": " + e.getMessage(), e);
    }
  }

  public LanguageModelSpec spec() {
    return spec;
  }

  /// A new sequence with an empty cache. Close it to free the cache.
  public Pass start() {
    return new Pass(null);
  }

  /// A new sequence that begins with what `prefix` has read. Close it to free its own cache.
  public Pass start(Prefix prefix) {
    return new Pass(prefix);
  }

  /// Reads positions that many sequences begin with, once. The cache lives as long as the model.
  public Prefix prefix(float[] embeds) {
    try (Pass pass = start()) {
      pass.step(embeds);
      Prefix prefix = new Prefix(pass.take(), pass.length());
      prefixes.add(prefix);
      return prefix;
    }
  }

  /// The cache of a constant beginning. It is only read, so many sequences may share it.
  public static final class Prefix {
    private final OrtSession.Result result;
    private final int length;

    private Prefix(OrtSession.Result result, int length) {
      this.result = result;
      this.length = length;
    }

    /// Positions it has read.
    public int length() {
      return length;
    }
  }

  @Override
  public void close() {
    prefixes.forEach(prefix -> prefix.result.close());
    prefixes.clear();
    try {
      session.close();
    } catch (OrtException e) {
      throw new InferenceException("cannot close " + file, e);
    } finally {
      ticket.close();
    }
  }

  @Override
  public String toString() {
    return "CausalLm[" + file + "]";
  }

  /// What the model says after reading some positions.
  ///
  /// @param logits V values at the last position read
  /// @param hidden `[T][H]`, the states after the final norm at every position read in this step
  public record Step(float[] logits, float[] hidden) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Step s
          && Arrays.equals(s.logits, logits)
          && Arrays.equals(s.hidden, hidden);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(logits) + Arrays.hashCode(hidden);
    }

    @Override
    public String toString() {
      return "Step[" + logits.length + " logits, " + hidden.length + " hidden values]";
    }
  }

  /// One sequence being read and continued. Not safe for use by several threads.
  public final class Pass implements AutoCloseable {
    /// The outputs of the last step; they hold the cache. Null before the first step.
    private OrtSession.@Nullable Result last;

    private final OrtSession.@Nullable Result shared;
    private int length;
    private boolean closed;
    private final LeakCheck.Ticket passTicket = LeakCheck.opened("pass of " + file);

    private Pass(@Nullable Prefix prefix) {
      shared = prefix == null ? null : prefix.result;
      last = shared;
      length = prefix == null ? 0 : prefix.length;
    }

    /// Hands over the cache; the pass ends with that.
    private OrtSession.Result take() {
      if (last == null) {
        throw new IllegalStateException("nothing was read");
      }
      OrtSession.Result taken = last;
      last = null;
      close();
      return taken;
    }

    /// Positions read so far.
    public int length() {
      return length;
    }

    /// Reads `embeds` (`[T][H]`, row-major) after what was read before. Throws
    /// [IllegalArgumentException] if they are not whole rows or do not fit the context any more.
    public Step step(float[] embeds) {
      int hidden = spec.hiddenSize();
      int tokens = embeds.length / hidden;
      if (tokens < 1 || embeds.length % hidden != 0) {
        throw new IllegalArgumentException(
            embeds.length + " values are not one or more rows of " + hidden);
      }
      if (length + tokens > spec.contextLength()) {
        throw new IllegalArgumentException(
            length + " + " + tokens + " positions exceed the context of " + spec.contextLength());
      }
      if (closed) {
        throw new IllegalStateException("the pass is closed");
      }
      Map<String, OnnxTensor> inputs = new HashMap<>();
      List<OnnxTensor> owned = new ArrayList<>();
      try {
        feed(inputs, owned, embeds, tokens);
        OrtSession.Result result = session.run(inputs);
        OrtSession.@Nullable Result previous = last;
        last = result;
        length += tokens;
        if (previous != null && previous != shared) {
          previous.close();
        }
        return new Step(lastLogits(tensor(result, "logits")), floats(result, "hidden_states"));
      } catch (OrtException e) {
        throw new InferenceException(file + " failed: " + e.getMessage(), e);
      } finally {
        owned.forEach(OnnxTensor::close);
      }
    }

    private void feed(
        Map<String, OnnxTensor> inputs, List<OnnxTensor> owned, float[] embeds, int tokens)
        throws OrtException {
      int total = length + tokens;
      long[] mask = new long[total];
      Arrays.fill(mask, 1);
      add(
          inputs,
          owned,
          "inputs_embeds",
          OnnxTensor.createTensor(
              environment, FloatBuffer.wrap(embeds), new long[] {1, tokens, spec.hiddenSize()}));
      add(
          inputs,
          owned,
          "attention_mask",
          OnnxTensor.createTensor(environment, LongBuffer.wrap(mask), new long[] {1, total}));
      if (picksLogits) {
        LongBuffer lastPosition = LongBuffer.wrap(new long[] {tokens - 1L});
        add(
            inputs,
            owned,
            "logits_index",
            OnnxTensor.createTensor(environment, lastPosition, new long[] {1}));
      }
      for (String name : cacheNames) {
        if (last != null) {
          inputs.put(PAST + name, tensor(last, PRESENT + name));
        } else {
          long[] shape = {1, spec.numKvHeads(), 0, spec.headDim()};
          add(
              inputs,
              owned,
              PAST + name,
              OnnxTensor.createTensor(environment, FloatBuffer.allocate(0), shape));
        }
      }
    }

    private static void add(
        Map<String, OnnxTensor> inputs, List<OnnxTensor> owned, String name, OnnxTensor tensor) {
      inputs.put(name, tensor);
      owned.add(tensor);
    }

    private static OnnxTensor tensor(OrtSession.Result result, String name) {
      OnnxValue value =
          result
              .get(name)
              .orElseThrow(() -> new IllegalStateException("the model has no output " + name));
      return (OnnxTensor) value;
    }

    private static float[] floats(OrtSession.Result result, String name) {
      FloatBuffer buffer = tensor(result, name).getFloatBuffer();
      float[] values = new float[buffer.remaining()];
      buffer.get(values);
      return values;
    }

    private float[] lastLogits(OnnxTensor logits) {
      FloatBuffer buffer = logits.getFloatBuffer();
      float[] values = new float[spec.vocabSize()];
      buffer.get(buffer.limit() - values.length, values);
      return values;
    }

    /// Frees the cache. Closing twice does nothing.
    @Override
    public void close() {
      closed = true;
      if (last != null && last != shared) {
        last.close();
      }
      last = null;
      passTicket.close();
    }
  }
}
