package gill.engine.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.fault.BundleException;
import gill.engine.runtime.ConfigFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Against `schedulers.json`, written by `python -m gill_training scheduler-golden` from diffusers.
class SchedulerTest {
  private static final String FLOW =
      "{\"_class_name\": \"FlowMatchEulerDiscreteScheduler\", \"shift\": 1.0}";
  private static final String BETAS = "{\"_class_name\": \"DDIMScheduler\"}";

  static List<JsonNode> cases() throws IOException {
    List<JsonNode> cases = new ArrayList<>();
    for (JsonNode row : golden().path("cases")) {
      cases.add(row);
    }
    return cases;
  }

  private static JsonNode golden() throws IOException {
    try (InputStream in = SchedulerTest.class.getResourceAsStream("/schedulers.json")) {
      return new JsonMapper().readTree(in);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void schedule_goldenCase_takesDiffusersSteps(JsonNode golden) throws IOException {
    String config = golden.path("config").toString();
    Schedule schedule =
        Scheduler.read(ConfigFile.parse(config, config)).schedule(golden.path("steps").intValue());

    assertEquals(golden.path("steps").intValue(), schedule.steps());
    near(golden.path("initial_deviation").doubleValue(), schedule.initialDeviation(), 1);
    float[] latents = floats(golden().path("start"));
    for (int i = 0; i < latents.length; i++) {
      latents[i] *= schedule.initialDeviation();
    }
    for (int step = 0; step < schedule.steps(); step++) {
      near(golden.path("timesteps").get(step).doubleValue(), schedule.timestep(step), 1);
      float[] seen = schedule.modelInput(step, latents);
      float[] output = new float[seen.length];
      for (int i = 0; i < seen.length; i++) {
        output[i] =
            (float)
                (0.3 * Math.sin(3 * seen[i])
                    - 0.2 * seen[i]
                    + 0.1 * schedule.timestep(step) / 1000);
      }
      latents = schedule.next(step, latents, output);
      float[] expected = floats(golden.path("latents").get(step));
      for (int i = 0; i < latents.length; i++) {
        near(expected[i], latents[i], schedule.initialDeviation());
      }
    }
  }

  /// Within 2e-5 of the value or of the latents' first size, whichever is larger: f32 noise.
  private static void near(double expected, double actual, double scale) {
    assertEquals(expected, actual, 2e-5 * Math.max(Math.abs(expected), scale));
  }

  private static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).floatValue();
    }
    return values;
  }

  @Test
  void read_otherClassOfTheSameKind_takesItsPlace() {
    Scheduler euler = Scheduler.read(ConfigFile.parse("c", BETAS), Scheduler.EULER_DISCRETE);
    assertEquals(Scheduler.EULER_DISCRETE, euler.className());
    assertTrue(euler.alternatives().contains(Scheduler.DDIM));
  }

  @Test
  void read_classOfAnotherKindOfModel_namesThePossibleOnes() {
    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> Scheduler.read(ConfigFile.parse("c", FLOW), Scheduler.DDIM));
    assertEquals(
        "scheduler must be one of [FlowMatchEulerDiscreteScheduler] for this model, got"
            + " DDIMScheduler",
        thrown.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"use_karras_sigmas\": true",
        "\"rescale_betas_zero_snr\": true",
        "\"prediction_type\": \"flow\"",
        "\"beta_schedule\": \"wavy\"",
        "\"trained_betas\": [0.1]"
      })
  void read_configurationThatIsNotDoneHere_isAFault(String setting) {
    String config = "{\"_class_name\": \"EulerDiscreteScheduler\", " + setting + "}";
    assertThrows(BundleException.class, () -> Scheduler.read(ConfigFile.parse("config", config)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 1001})
  void schedule_stepsOutOfRange_isRefused(int steps) {
    for (String config : List.of(FLOW, BETAS)) {
      Scheduler scheduler = Scheduler.read(ConfigFile.parse("c", config));
      assertThrows(IllegalArgumentException.class, () -> scheduler.schedule(steps));
    }
  }
}
