package gill.web.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.Filter;
import gill.engine.flow.ImageId;
import gill.engine.flow.SearchRequest;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class SearchOptionsTest {
  private static SearchRequest request(String... arguments) {
    return CommandLine.populateCommand(new SearchOptions(), arguments).request();
  }

  @Test
  void where_comparesNumbersAsNumbers_andDatesAsTexts() {
    SearchRequest request =
        request(
            "apple",
            "--where",
            "width>=64",
            "--where",
            "metadata.taken>=2024-05-01",
            "--where",
            "metadata.taken<=2024-06",
            "--where",
            "source=noto|openmoji");
    assertEquals(
        new Filter.And(
            List.of(
                new Filter.Between("width", 64, Double.POSITIVE_INFINITY),
                new Filter.TextBetween("metadata.taken", "2024-05-01", ""),
                new Filter.TextBetween("metadata.taken", "", "2024-06"),
                new Filter.In("source", List.of("noto", "openmoji")))),
        request.filter());
  }

  @Test
  void exclude_leavesImagesOut() {
    assertEquals(
        Set.of(new ImageId("a/b"), new ImageId("c")),
        request("apple", "--exclude", "a/b", "--exclude", "c").excluded());
  }

  @Test
  void outOfRange_isRefusedWithTheRule() {
    for (String limit : List.of("0", "-1", "1000000000")) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> request("apple", "--limit", limit))
              .getMessage();
      assertTrue(message != null && message.contains("must be in [1, "), message);
    }
    assertThrows(IllegalArgumentException.class, () -> request("apple", "--where", "width"));
    assertThrows(IllegalArgumentException.class, () -> request("--not", "apple"));
  }
}
