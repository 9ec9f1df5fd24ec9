package gill.engine.diffusion;

import gill.engine.runtime.ConfigFile;
import java.util.List;

/// How denoising proceeds: which noise levels are visited and how one step gets from one to the
/// next. Equal in numbers to the class of the same name in diffusers, without its random variants.
///
/// Immutable, so safe for use by many threads.
public sealed interface Scheduler permits FlowMatchEulerDiscrete, Ddim, EulerDiscrete {
  String FLOW_MATCH_EULER_DISCRETE = "FlowMatchEulerDiscreteScheduler";
  String DDIM = "DDIMScheduler";
  String EULER_DISCRETE = "EulerDiscreteScheduler";

  /// diffusers' class name.
  String className();

  /// The path of a denoising of so many steps. Throws [IllegalArgumentException] unless `steps` is
  /// in 1…`num_train_timesteps`.
  Schedule schedule(int steps);

  /// The classes that can stand in for this one: they sample the same kind of model.
  List<String> alternatives();

  /// Reads `scheduler_config.json`. Throws [gill.engine.fault.BundleException] if it asks for
  /// something that is not done here.
  static Scheduler read(ConfigFile config) {
    return read(config, config.text("_class_name"));
  }

  /// Reads the same configuration for another class. Throws [IllegalArgumentException] if that
  /// class cannot sample the configuration's model.
  static Scheduler read(ConfigFile config, String className) {
    boolean flow = config.text("_class_name").startsWith("FlowMatch");
    List<String> possible =
        flow ? List.of(FLOW_MATCH_EULER_DISCRETE) : List.of(DDIM, EULER_DISCRETE);
    if (!possible.contains(className)) {
      throw new IllegalArgumentException(
          "scheduler must be one of " + possible + " for this model, got " + className);
    }
    return switch (className) {
      case FLOW_MATCH_EULER_DISCRETE -> FlowMatchEulerDiscrete.read(config);
      case DDIM -> Ddim.read(config);
      default -> EulerDiscrete.read(config);
    };
  }

  /// Throws unless each of the switches is off or absent.
  static void refuse(ConfigFile config, String... switches) {
    for (String name : switches) {
      if (config.has(name) && config.flag(name, false)) {
        throw config.fault(name + " is not supported, must be false");
      }
    }
  }

  /// The fault of a step count that the model was not trained for.
  static void checkSteps(int steps, int trained) {
    if (steps < 1 || steps > trained) {
      throw new IllegalArgumentException(
          "num_inference_steps must be in [1, " + trained + "], got " + steps);
    }
  }
}
