package gill.web.api;

import gill.engine.flow.SearchRequest;
import java.util.Optional;
import java.util.function.Supplier;

/// The body of `POST /v1/search` (docs/search.md), read for a search without a server.
public final class SearchBody {
  /// Bytes a body may have.
  public static final int MOST_BYTES = Limits.DEFAULT.bodyBytes();

  private SearchBody() {}

  /// Throws [Problem] naming the field at fault. Pictures that a server keeps, and its
  /// conversations, are not known here.
  public static SearchRequest read(byte[] json, Answerer answerer) {
    Bodies.check(json, Limits.DEFAULT);
    ImageRefs images =
        new ImageRefs(answerer, Limits.DEFAULT, _ -> Optional.empty(), Supplier::get);
    SearchReader.Read read = new SearchReader(images, Limits.DEFAULT).read(Fields.parse(json));
    if (!read.session().isEmpty()) {
      throw Problem.invalid(
          SearchReader.SESSION,
          "session_id: conversations are kept by a server; name what was seen in exclude.");
    }
    return read.request(images);
  }
}
