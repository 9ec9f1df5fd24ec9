package gill.engine.runtime;

import ai.djl.engine.Engine;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import gill.engine.fault.InferenceException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// The one ONNX Runtime environment of the process and the session settings all models share.
final class NativeRuntime {
  static final String ENGINE = "OnnxRuntime";

  private NativeRuntime() {}

  // ONNX Runtime matches the whole command line of the process against a regular expression that
  // recurses for each character: with a long class path or prompt it overflows an ordinary thread's
  // stack, which ends the process without a word. So it is initialised on a thread with room enough
  // for the longest command line the system allows (reserved, not used).
  private static final long STACK_BYTES = 768L << 20;

  /// Initialised at first use, once. The work is done outside this class: its own thread would wait
  /// for the class to be ready.
  private static final class Holder {
    static final OrtEnvironment ENVIRONMENT = start();
  }

  private static OrtEnvironment start() {
    FutureTask<OrtEnvironment> task =
        new FutureTask<>(() -> {
          Engine.getEngine(ENGINE);
          return OrtEnvironment.getEnvironment();
        });
    new Thread(null, task, "onnxruntime-start", STACK_BYTES).start();
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw new InferenceException("ONNX Runtime does not start: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InferenceException("interrupted while ONNX Runtime started", e);
    }
  }

  /// The environment. DJL must create it first: it configures thread pools and fails when the
  /// environment exists already.
  static OrtEnvironment environment() {
    quiet();
    return Holder.ENVIRONMENT;
  }

  /// DJL would report its use to its makers and look for a cloud machine's metadata; both are
  /// switched off unless the caller chose otherwise.
  static void quiet() {
    System.getProperties().putIfAbsent("OPT_OUT_TRACKING", "true");
    System.getProperties().putIfAbsent("ai.djl.offline", "true");
  }

  /// Threads spin between the operators of a call, which are short, and stop with the call: a pool
  /// that goes on spinning would starve the other models.
  static SessionOptions sessionOptions(ModelOptions options) throws OrtException {
    environment();
    SessionOptions session = new SessionOptions();
    session.setIntraOpNumThreads(options.intraOpThreads());
    session.setInterOpNumThreads(1);
    session.setOptimizationLevel(OptLevel.ALL_OPT);
    session.addConfigEntry("session.intra_op.allow_spinning", "1");
    session.addConfigEntry("session.force_spinning_stop", "1");
    session.addConfigEntry("session.inter_op.allow_spinning", "0");
    return session;
  }
}
