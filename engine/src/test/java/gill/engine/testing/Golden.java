package gill.engine.testing;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import gill.engine.runtime.FloatTensor;
import gill.engine.runtime.LongTensor;
import gill.engine.runtime.SafeTensors;
import gill.engine.runtime.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/// The reference values of a `golden/*.safetensors` file; asking for one that is not there fails
/// the test.
public record Golden(Map<String, Tensor> tensors) {
  public static Golden read(Path safetensors) {
    return new Golden(SafeTensors.readAll(safetensors));
  }

  public FloatTensor tensor(String name) {
    return assertInstanceOf(FloatTensor.class, tensors.get(name), name);
  }

  public float[] floats(String name) {
    return tensor(name).data();
  }

  public int[] ints(String name) {
    LongTensor tensor = assertInstanceOf(LongTensor.class, tensors.get(name), name);
    return Arrays.stream(tensor.data()).mapToInt(Math::toIntExact).toArray();
  }
}
