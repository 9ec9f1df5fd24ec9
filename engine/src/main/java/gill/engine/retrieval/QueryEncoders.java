package gill.engine.retrieval;

import gill.engine.flow.Message;
import gill.engine.flow.Pixels;
import gill.engine.flow.UnitVector;
import java.util.List;
import java.util.function.Function;

/// How the parts of a query become vectors.
///
/// @param text and `picture`: into CLIP space
/// @param asked a conversation into GILL space: its [IMG] query
public record QueryEncoders(
    Function<String, UnitVector> text,
    Function<Pixels, UnitVector> picture,
    Function<List<Message>, UnitVector> asked) {}
