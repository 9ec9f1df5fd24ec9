package gill.web.api;

import gill.engine.EngineInfo;
import gill.engine.flow.LookupResult;
import gill.engine.flow.Output;
import gill.engine.flow.SearchAnswer;
import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Answers as the JSON that the HTTP API gives, for the command line.
public final class JsonAnswers {
  private static final JsonMapper JSON =
      mapper().rebuild().enable(SerializationFeature.INDENT_OUTPUT).build();

  private JsonAnswers() {}

  /// The mapper of all answers: snake_case names.
  static JsonMapper mapper() {
    return JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
  }

  /// As `/v1/lookup` answers.
  public static String of(LookupResult result, EngineInfo info) {
    return JSON.writeValueAsString(Views.Lookup.of(result, info.corpusVersion()));
  }

  /// As `/v1/search` answers.
  public static String of(SearchAnswer answer) {
    return JSON.writeValueAsString(Views.Search.of(answer));
  }

  private record Reply(
      Completion.Message message,
      String finishReason,
      Completion.Usage usage,
      java.util.Map<String, Double> timingsMs) {}

  /// The message of `/v1/chat/completions` with its usage and timings.
  public static String of(List<Output> outputs, EngineInfo info) {
    Transcript transcript = new Transcript(info.corpusVersion());
    outputs.forEach(transcript::add);
    Output.Finished end = transcript.finished();
    return JSON.writeValueAsString(
        new Reply(
            transcript.message(),
            Completion.finishReason(end.reason()),
            Completion.Usage.of(end.usage()),
            Views.timings(end.timings())));
  }
}
