/// From a [gill.engine.flow.Conditioning] to a picture: noise, the denoising loop, the decoder of
/// latents, and the PNG that says how it was made.
///
/// [Diffusion] is the loop; a [Scheduler] says how far each step goes; [GaussianNoise] is where it
/// starts; [PngWriter] writes the result.
@NullMarked
package gill.engine.diffusion;

import org.jspecify.annotations.NullMarked;
