package gill.indexer.read;

import blue.strategic.parquet.ParquetWriter;
import gill.indexer.flow.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/// Failures as a Parquet file with the columns of `indexing-failures.jsonl`. Not for use by several
/// threads.
final class FailureTable implements AutoCloseable {
  private static final MessageType SCHEMA =
      Types.buildMessage()
          .required(PrimitiveTypeName.BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named("id")
          .required(PrimitiveTypeName.BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named("path")
          .required(PrimitiveTypeName.BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named("reason")
          .required(PrimitiveTypeName.BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named("message")
          .named("failure");

  private final ParquetWriter<Failure> writer;

  FailureTable(Path file) throws IOException {
    this.writer =
        ParquetWriter.writeFile(
            SCHEMA,
            file.toFile(),
            (failure, values) -> {
              values.write("id", failure.id());
              values.write("path", failure.path());
              values.write("reason", failure.reason());
              values.write("message", failure.message());
            });
  }

  void write(Failure failure) throws IOException {
    writer.write(failure);
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
