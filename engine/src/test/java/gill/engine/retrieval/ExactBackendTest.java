package gill.engine.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gill.engine.flow.RetrievalQuery;
import gill.engine.flow.VectorField;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExactBackendTest extends SearchBackendContract {
  @Override
  SearchBackend backend(List<IndexedImage> rows) {
    return ExactBackend.of(SampleRows.HEADER, rows);
  }

  @Test
  void open_readsAWrittenIndex(@TempDir Path folder) {
    List<IndexedImage> rows = SampleRows.rows(60, 30);
    try (ImageIndexWriter writer = ImageIndexWriter.replace(folder, SampleRows.HEADER)) {
      rows.forEach(writer::add);
      writer.commit();
    }
    try (SearchBackend read = ExactBackend.open(folder, SampleRows.BUNDLE);
        SearchBackend direct = backend(rows)) {
      RetrievalQuery query = new RetrievalQuery(VectorField.GILL, rows.get(7).gill(), 20, Set.of());
      assertEquals(direct.search(query), read.search(query));
      assertEquals(direct.size(), read.size());
    }
  }
}
