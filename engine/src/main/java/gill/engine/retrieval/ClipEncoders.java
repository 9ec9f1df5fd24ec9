package gill.engine.retrieval;

import gill.engine.flow.Pixels;
import gill.engine.flow.UnitVector;
import java.util.function.Function;

/// How text and pictures become CLIP vectors.
public record ClipEncoders(
    Function<String, UnitVector> text, Function<Pixels, UnitVector> picture) {}
