/// Every type that passes between the stages, in the order of a request: reading this package is
/// reading the program.
///
/// A request is a [Turn] of [PromptPart]s. It becomes [PromptSegment]s, the language model answers
/// with [LmEvent]s, an [ImgSpan] becomes a [RetrievalQuery], the search answers with [Hits], a
/// [Decision] chooses, a [Conditioning] drives the image generator, and [Output]s leave. All are
/// immutable; all arrays are copied in and out.
@NullMarked
package gill.engine.flow;

import org.jspecify.annotations.NullMarked;
