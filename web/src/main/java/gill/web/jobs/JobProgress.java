package gill.web.jobs;

/// How far a running job is.
///
/// @param stage what it is at, such as `index` or `diffusion`
/// @param step of `of`, in the stage's own unit (images, denoising steps)
/// @param rate steps a second; 0 while unknown
/// @param etaS seconds to go at that rate; 0 while unknown
public record JobProgress(String stage, long step, long of, double rate, double etaS) {}
