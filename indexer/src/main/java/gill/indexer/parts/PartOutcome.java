package gill.indexer.parts;

import java.io.Serializable;

/// What a process tells of a part that is done.
///
/// @param takenOver whether a job that was broken off had done it
/// @param decodeSeconds summed over threads
public record PartOutcome(
    int part,
    long rows,
    long images,
    boolean takenOver,
    double decodeSeconds,
    double embedSeconds,
    double writeSeconds)
    implements Serializable {}
