package gill.indexer.flow;

import java.time.Duration;

/// How far a job is.
///
/// @param done images dealt with, failures included
/// @param total images of the source
/// @param perSecond images dealt with per second, over the last 10 seconds or so
/// @param left time to go at that rate; zero while unknown
public record Progress(long done, long total, long failures, double perSecond, Duration left) {}
