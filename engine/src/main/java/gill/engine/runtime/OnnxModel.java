package gill.engine.runtime;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslateException;
import ai.djl.translate.TranslatorContext;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import gill.engine.fault.InferenceException;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// An ONNX graph ready to run, with named inputs and outputs.
///
/// Safe for use by many threads. Each [#run] frees its native tensors before it returns; the
/// weights are freed by [#close()].
public final class OnnxModel implements AutoCloseable {
  private final Path file;
  private final OnnxSignature signature;
  private final Model model;
  private final Tensors translator;
  private final LeakCheck.Ticket ticket;

  private OnnxModel(Path file, OnnxSignature signature, Model model) {
    this.file = file;
    this.signature = signature;
    this.model = model;
    this.translator = new Tensors(signature);
    this.ticket = LeakCheck.opened("model " + file);
  }

  /// Loads `onnx` and the weight files beside it that it names. Throws [InferenceException] if the
  /// file is missing or not a model.
  public static OnnxModel load(Path onnx, ModelOptions options) {
    Path file = onnx.toAbsolutePath();
    NativeRuntime.environment();
    Model model = Model.newInstance(file.getFileName().toString(), NativeRuntime.ENGINE);
    try (SessionOptions session = NativeRuntime.sessionOptions(options)) {
      OnnxSignature signature = OnnxSignature.read(file);
      model.load(file, null, Map.of("sessionOptions", session));
      return new OnnxModel(file, signature, model);
    } catch (IOException | MalformedModelException | OrtException e) {
      model.close();
      throw new InferenceException("cannot load the model " + file + ": " + e.getMessage(), e);
    }
  }

  public List<TensorInfo> inputs() {
    return signature.inputs();
  }

  public List<TensorInfo> outputs() {
    return signature.outputs();
  }

  /// Runs the graph. `inputs` holds exactly the declared inputs by name; the answer holds every
  /// output, in the graph's order. Throws [IllegalArgumentException] on another set of names,
  /// [InferenceException] if the runtime refuses the shapes.
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    for (TensorInfo input : signature.inputs()) {
      if (!inputs.containsKey(input.name())) {
        throw new IllegalArgumentException(
            file + " needs the input '" + input.name() + "', got " + inputs.keySet());
      }
    }
    if (inputs.size() != signature.inputs().size()) {
      throw new IllegalArgumentException(
          file + " has no such inputs: got " + inputs.keySet() + ", knows " + signature.inputs());
    }
    try (Predictor<Map<String, Tensor>, Map<String, Tensor>> run = model.newPredictor(translator)) {
      return run.predict(inputs);
    } catch (TranslateException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new InferenceException(file + " failed: " + cause.getMessage(), e);
    }
  }

  /// Runs the graph and returns its output `name` as floats.
  public FloatTensor run(Map<String, Tensor> inputs, String name) {
    return switch (run(inputs).get(name)) {
      case FloatTensor floats -> floats;
      case LongTensor _ ->
          throw new IllegalArgumentException(
              "output '" + name + "' of " + file + " holds integers, not floats");
      case null ->
          throw new IllegalArgumentException("output '" + name + "' is not one of " + outputs());
    };
  }

  @Override
  public void close() {
    model.close();
    ticket.close();
  }

  @Override
  public String toString() {
    return "OnnxModel[" + file + "]";
  }

  /// Heap tensors to native arrays and back. The predictor owns the native ones and frees them.
  private record Tensors(OnnxSignature signature)
      implements NoBatchifyTranslator<Map<String, Tensor>, Map<String, Tensor>> {
    @Override
    public NDList processInput(TranslatorContext context, Map<String, Tensor> inputs) {
      NDList list = new NDList(inputs.size());
      for (TensorInfo info : signature.inputs()) {
        NDArray array = nativeArray(context.getNDManager(), inputs, info.name());
        array.setName(info.name());
        list.add(array);
      }
      return list;
    }

    private static NDArray nativeArray(NDManager manager, Map<String, Tensor> inputs, String name) {
      return switch (inputs.get(name)) {
        case FloatTensor(long[] shape, float[] data) ->
            manager.create(FloatBuffer.wrap(data), new Shape(shape), DataType.FLOAT32);
        case LongTensor(long[] shape, long[] data) ->
            manager.create(LongBuffer.wrap(data), new Shape(shape), DataType.INT64);
        case null -> throw new IllegalArgumentException("input '" + name + "' is missing");
      };
    }

    @Override
    public Map<String, Tensor> processOutput(TranslatorContext context, NDList list) {
      Map<String, Tensor> outputs = LinkedHashMap.newLinkedHashMap(list.size());
      for (int i = 0; i < list.size(); i++) {
        NDArray array = list.get(i);
        long[] shape = array.getShape().getShape();
        outputs.put(
            signature.outputs().get(i).name(),
            array.getDataType() == DataType.INT64
                ? new LongTensor(shape, array.toLongArray())
                : new FloatTensor(shape, array.toFloatArray()));
      }
      return outputs;
    }
  }
}
