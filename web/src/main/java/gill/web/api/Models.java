package gill.web.api;

import gill.engine.EngineInfo;
import java.util.List;
import java.util.Optional;

/// What `/v1/models` says: the one bundle that is loaded.
final class Models {
  static final String ALIAS = "gill";

  private Models() {}

  record Model(
      String id,
      String object,
      long created,
      String ownedBy,
      String version,
      String fingerprint,
      int images,
      int imageSize) {}

  record Listing(String object, List<Model> data) {}

  /// @param created when the model was opened, in Unix seconds
  static Listing list(EngineInfo info, long created) {
    return new Listing("list", List.of(of(info, created)));
  }

  static Model of(EngineInfo info, long created) {
    return new Model(
        info.bundle(),
        "model",
        created,
        "local",
        info.version(),
        info.fingerprint(),
        info.images(),
        info.imageSize());
  }

  static void check(Optional<String> wanted, String loaded) {
    if (wanted.isPresent() && !wanted.get().equals(loaded) && !wanted.get().equals(ALIAS)) {
      throw new Problem(
          404,
          "model_not_found",
          "The model "
              + Fields.quote(wanted.get())
              + " is not loaded; use "
              + loaded
              + " or leave"
              + " the field out.",
          "model");
    }
  }

  /// The one index is called as the model is.
  static void checkIndex(Optional<String> wanted, String loaded) {
    if (wanted.isPresent() && !wanted.get().equals(loaded) && !wanted.get().equals(ALIAS)) {
      throw new Problem(
          404,
          "index_not_found",
          "There is no index " + Fields.quote(wanted.get()) + "; use " + loaded + ".",
          "indice_name");
    }
  }
}
