/// Everything that touches native inference: model bundles and their files, ONNX graphs, the gate
/// that bounds how many run at once.
///
/// No type of DJL or ONNX Runtime leaves this package. Values go in and out as heap arrays
/// ([Tensor]); native memory is freed before a call returns, or, for a decode that keeps its cache,
/// when its [CausalLm.Pass] is closed.
@NullMarked
package gill.engine.runtime;

import org.jspecify.annotations.NullMarked;
