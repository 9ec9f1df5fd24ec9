package gill.engine.flow;

/// The last-layer hidden states `[r][H]` at the r [IMG] tokens: what an image is looked up and
/// generated from.
///
/// @param position index of [IMG0] in the sequence the model read
public record ImgSpan(int position, Matrix hidden) {}
