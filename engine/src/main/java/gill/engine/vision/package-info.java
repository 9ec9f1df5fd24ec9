/// From image bytes to vectors: a guarded reader, Pillow's preprocessing, the CLIP pair.
///
/// [ImageReader] turns untrusted bytes into [gill.engine.flow.Pixels] or a [ReadResult.Rejected];
/// [ImagePreprocessor] makes the model's input; [VisualEncoder] and [TextEncoder] make vectors.
@NullMarked
package gill.engine.vision;

import org.jspecify.annotations.NullMarked;
