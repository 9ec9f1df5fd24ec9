package gill.web.api;

import gill.engine.flow.StageTimings;
import io.javalin.http.Context;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/// What a request is called: in its answer's head, in a problem's body and in every line that is
/// logged for it. The caller's own name is taken if it is a plain one, so that a proxy's log and
/// this one can be read together.
public final class RequestId {
  public static final String HEADER = "X-Request-Id";
  private static final String LOGGED_AS = "request";
  private static final String STAGES = "gill.stages";
  // Nothing that could break a header or a line of the log.
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._:/+=-]{1,128}");

  private RequestId() {}

  /// Names the request. Must be undone with [#forget] where its thread may serve another one.
  public static void begin(Context ctx) {
    @Nullable String sent = ctx.header(HEADER);
    String id = sent != null && PLAIN.matcher(sent).matches() ? sent : fresh();
    ctx.header(HEADER, id);
    MDC.put(LOGGED_AS, id);
  }

  public static void forget() {
    MDC.remove(LOGGED_AS);
  }

  /// 16 hexadecimal digits by chance.
  public static String fresh() {
    return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  }

  /// The name of the request this thread works on; null outside of one.
  static @Nullable String current() {
    return MDC.get(LOGGED_AS);
  }

  /// `work`, which logs under this thread's name for the request wherever it runs.
  static Runnable carried(Runnable work) {
    @Nullable String id = current();
    if (id == null) {
      return work;
    }
    return () -> {
      try (MDC.MDCCloseable _ = MDC.putCloseable(LOGGED_AS, id)) {
        work.run();
      }
    };
  }

  /// Notes how long the stages took, for the log and, unless its head is sent, for the answer's
  /// `Server-Timing`. The stages of several pictures add up.
  static void stages(Context ctx, StageTimings timings) {
    Map<String, Double> all = new java.util.LinkedHashMap<>(stages(ctx));
    timings.milliseconds().forEach((stage, ms) -> all.merge(stage, ms, Double::sum));
    ctx.attribute(STAGES, all);
    if (!ctx.res().isCommitted()) {
      ctx.header(
          "Server-Timing",
          all.entrySet().stream()
              .map(it -> String.format(Locale.ROOT, "%s;dur=%.1f", it.getKey(), it.getValue()))
              .collect(Collectors.joining(", ")));
    }
  }

  /// Milliseconds by stage of the models; none for a request that did not need them.
  public static Map<String, Double> stages(Context ctx) {
    @Nullable Map<String, Double> noted = ctx.attribute(STAGES);
    return noted == null ? Map.of() : noted;
  }
}
