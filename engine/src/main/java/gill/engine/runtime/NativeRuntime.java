package gill.engine.runtime;

import ai.djl.engine.Engine;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;

/// The one ONNX Runtime environment of the process and the session settings all models share.
final class NativeRuntime {
  static final String ENGINE = "OnnxRuntime";

  private NativeRuntime() {}

  /// The environment. DJL must create it first: it configures thread pools and fails when the
  /// environment exists already.
  static OrtEnvironment environment() {
    quiet();
    Engine.getEngine(ENGINE);
    return OrtEnvironment.getEnvironment();
  }

  /// DJL would report its use to its makers and look for a cloud machine's metadata; both are
  /// switched off unless the caller chose otherwise.
  static void quiet() {
    System.getProperties().putIfAbsent("OPT_OUT_TRACKING", "true");
    System.getProperties().putIfAbsent("ai.djl.offline", "true");
  }

  /// Threads do not spin between calls: a spinning pool of one model would starve the others.
  static SessionOptions sessionOptions(ModelOptions options) throws OrtException {
    environment();
    SessionOptions session = new SessionOptions();
    session.setIntraOpNumThreads(options.intraOpThreads());
    session.setInterOpNumThreads(1);
    session.setOptimizationLevel(OptLevel.ALL_OPT);
    session.addConfigEntry("session.intra_op.allow_spinning", "0");
    session.addConfigEntry("session.inter_op.allow_spinning", "0");
    return session;
  }
}
