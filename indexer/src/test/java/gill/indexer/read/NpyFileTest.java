package gill.indexer.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyFileTest {
  @TempDir Path folder;

  private Path file(String header, byte... values) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0x93);
    out.writeBytes("NUMPY".getBytes(StandardCharsets.US_ASCII));
    out.write(1);
    out.write(0);
    out.write(header.length());
    out.write(0);
    out.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(values);
    return Files.write(folder.resolve("a.npy"), out.toByteArray());
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  private static String message(Path file) {
    return String.valueOf(assertThrows(IOException.class, () -> new NpyFile(file)).getMessage());
  }

  @Test
  void float32_isReadRowByRow() throws IOException {
    Path file =
        file(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n",
            floats(1, 2, 3, 4, 5, 6));
    try (NpyFile npy = new NpyFile(file)) {
      assertEquals(2, npy.rows());
      assertEquals(3, npy.columns());
      assertArrayEquals(new float[] {1, 2, 3}, npy.next());
      assertArrayEquals(new float[] {4, 5, 6}, npy.next());
    }
  }

  @Test
  void float16OfNumpy_isRead() throws IOException {
    Path file = Files.write(folder.resolve("b.npy"), resource("vectors/img_emb/img_emb_0.npy"));
    try (NpyFile npy = new NpyFile(file)) {
      assertEquals(2, npy.rows());
      // numpy.random.default_rng(7).standard_normal((2, 3)) in half precision
      assertArrayEquals(new float[] {0.001230f, 0.2988f, -0.2742f}, npy.next(), 1e-4f);
    }
  }

  @Test
  void objects_areRefused() throws IOException {
    Path file = Files.write(folder.resolve("c.npy"), resource("objects.npy"));
    assertTrue(message(file).contains("pickled objects"), message(file));
  }

  @Test
  void whatIsNoMatrixOfFloats_isRefused() throws IOException {
    assertTrue(
        message(file("{'descr': '<i8', 'fortran_order': False, 'shape': (1, 1), }"))
            .contains("'<i8'"));
    assertTrue(
        message(file("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }"))
            .contains("C order"));
    assertTrue(
        message(file("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }"))
            .contains("two dimensions"));
    assertTrue(
        message(file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", floats(1, 2)))
            .contains("cut short"));
    assertTrue(
        message(file("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 999999), }"))
            .contains("columns"));
    assertTrue(
        message(Files.writeString(folder.resolve("d.npy"), "something else")).contains("no .npy"));
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = NpyFileTest.class.getResourceAsStream("/sources/" + name)) {
      if (in == null) {
        throw new IOException("the test resource sources/" + name + " is missing");
      }
      return in.readAllBytes();
    }
  }
}
