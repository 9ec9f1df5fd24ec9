package gill.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsTest {
  @TempDir Path directory;

  private Path file(String header, int... bytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer all =
        ByteBuffer.allocate(8 + json.length + bytes.length).order(ByteOrder.LITTLE_ENDIAN);
    all.putLong(json.length).put(json);
    for (int b : bytes) {
      all.put((byte) b);
    }
    return Files.write(directory.resolve("x.safetensors"), all.array());
  }

  @Test
  void read_widensFloatsAndIntegers() throws IOException {
    Path file =
        file(
            """
            {"__metadata__": {"a": "b"},
             "half": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]},
             "brain": {"dtype": "BF16", "shape": [1, 1], "data_offsets": [4, 6]},
             "bytes": {"dtype": "U8", "shape": [2], "data_offsets": [6, 8]}}
            """,
            0,
            0x3C,
            0,
            0xC0,
            0xC0,
            0x3F,
            7,
            255);
    assertEquals(Set.of("half", "brain"), SafeTensors.read(file).keySet());
    var all = SafeTensors.readAll(file);
    assertEquals(FloatTensor.of(new float[] {1, -2}, 2), all.get("half"));
    assertEquals(FloatTensor.of(new float[] {1.5f}, 1, 1), all.get("brain"));
    assertEquals(LongTensor.of(new long[] {7, 255}, 2), all.get("bytes"));
  }

  @Test
  void read_ofBrokenFiles_fails() throws IOException {
    assertThrows(UncheckedIOException.class, () -> SafeTensors.read(directory.resolve("none")));
    for (String header :
        new String[] {
          "{\"x\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 4]}}",
          "{\"x\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [2, 6]}}",
          "{\"x\": {\"dtype\": \"C64\", \"shape\": [1], \"data_offsets\": [0, 4]}}",
          "{\"x\": {\"dtype\": \"F32\", \"shape\": [-1], \"data_offsets\": [0, 4]}}",
          "not json"
        }) {
      Path file = file(header, 0, 0, 0, 0);
      assertThrows(UncheckedIOException.class, () -> SafeTensors.read(file), header);
    }
    Path cut = Files.write(directory.resolve("cut"), new byte[] {9, 9, 9, 9, 9, 9, 9, 0, 1});
    assertThrows(UncheckedIOException.class, () -> SafeTensors.read(cut));
  }

  @Test
  void matrix_keepsTheLastDimension() {
    FloatTensor tensor = FloatTensor.of(new float[] {1, 2, 3, 4, 5, 6}, 1, 2, 3);
    assertArrayEquals(new float[] {4, 5, 6}, tensor.toMatrix().row(1));
    assertEquals(tensor, FloatTensor.batchOf(tensor.toMatrix()));
  }
}
