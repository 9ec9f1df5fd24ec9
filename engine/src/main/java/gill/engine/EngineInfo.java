package gill.engine;

/// What is loaded.
///
/// @param bundle name of the model bundle
/// @param fingerprint vision model and preprocessing; equal in bundle and index
/// @param images number of images in the index
/// @param corpusVersion names the index's present content; two contents never share it
public record EngineInfo(
    String bundle,
    String version,
    String fingerprint,
    int images,
    int imageSize,
    String corpusVersion) {}
