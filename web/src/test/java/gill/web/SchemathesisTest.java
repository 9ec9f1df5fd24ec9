package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Schemathesis makes requests out of `/openapi.json`, right and wrong ones, and holds the answers
/// of the real engine against it.
@Tag("clients")
class SchemathesisTest {
  private static final String CHECKS =
      String.join(
          ",",
          "not_a_server_error",
          "status_code_conformance",
          "content_type_conformance",
          "response_headers_conformance",
          "response_schema_conformance");

  // Ids of things that are there, as made-up ones find nothing.
  private static final String IDS =
      """
      [[operations]]
      include-path-regex = "^/v1/sessions/"
      exclude-method = "DELETE"
      parameters = { "path.id" = "kept", "path.index" = 1 }

      [[operations]]
      include-path-regex = "^/v1/images/.id.*"
      parameters = { "path.id" = "pictures/picture-1" }
      """;

  @Test
  void requestsMadeFromTheDescription_areAnsweredAsItSays(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("schemathesis.toml"), IDS);
    try (TinyServer tiny = new TinyServer(folder);
        Http http = new Http(tiny.server())) {
      assertEquals(
          200,
          http.post(
                  "/v1/chat/completions",
                  """
                  {"session_id": "kept", "image_mode": "retrieve", "max_tokens": 8,
                   "messages": [{"role": "user", "content": "a picture"}]}
                  """)
              .statusCode());
      Clients.Ran ran =
          Clients.run(
              folder,
              List.of(
                  "python3",
                  "-m",
                  "schemathesis.cli",
                  "run",
                  tiny.base() + "/openapi.json",
                  "--checks=" + CHECKS,
                  "--phases=coverage,fuzzing",
                  "--max-examples=4",
                  "--seed=1",
                  "--generation-deterministic",
                  "--no-shrink",
                  "--continue-on-failure",
                  "--suppress-health-check=all",
                  "--request-timeout=30"));
      assertEquals(0, ran.code(), ran.output());
    }
  }
}
