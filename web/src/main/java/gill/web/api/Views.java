package gill.web.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import gill.engine.flow.GeneratedPicture;
import gill.engine.flow.Hit;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageRecord;
import gill.engine.flow.LookupResult;
import gill.engine.flow.Output;
import gill.engine.flow.SearchAnswer;
import gill.engine.flow.StageTimings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the API says about images, as JSON. Names become snake_case; absent values are left out.
final class Views {
  private Views() {}

  record Decision(String choice, double pRetrieve, boolean forced, String reason) {
    static Decision of(gill.engine.flow.Decision decision) {
      return new Decision(
          decision.choice().name().toLowerCase(Locale.ROOT),
          round(decision.pRetrieve()),
          decision.forced(),
          decision.reason());
    }
  }

  /// How far a picture is.
  record Step(String stage, int step, int of) {
    static Step of(Output.Progress it) {
      return new Step(it.stage(), it.step(), it.of());
    }
  }

  /// A corpus image in a list.
  ///
  /// @param names captions in other languages, by BCP 47 tag
  record Candidate(
      String id,
      String caption,
      double score,
      double pMatch,
      String url,
      String source,
      String licence,
      String author,
      @JsonInclude(Include.NON_EMPTY) Map<String, String> names) {
    static Candidate of(Hit hit) {
      ImageRecord image = hit.image();
      return new Candidate(
          image.id().value(),
          image.caption(),
          round(hit.score()),
          round(hit.pMatch()),
          ImageUrls.of(image.id()),
          image.source(),
          image.licence(),
          image.author(),
          new TreeMap<>(image.names()));
    }

    static List<Candidate> of(List<Hit> hits) {
      return hits.stream().map(Candidate::of).toList();
    }
  }

  /// A corpus image that a generated one leaned on.
  record Reference(
      String id, String caption, String url, String source, String licence, String author) {
    static Reference of(ImageRecord image) {
      return new Reference(
          image.id().value(),
          image.caption(),
          ImageUrls.of(image.id()),
          image.source(),
          image.licence(),
          image.author());
    }
  }

  /// An image that is shown, with where it comes from: `kind` is `retrieved` or `generated`.
  ///
  /// @param corpusVersion what the corpus held when the image was retrieved
  @JsonInclude(Include.NON_NULL)
  record Image(
      String kind,
      String id,
      String url,
      String caption,
      double score,
      @Nullable Double pMatch,
      @Nullable String source,
      @Nullable String licence,
      @Nullable String author,
      @JsonInclude(Include.NON_EMPTY) Map<String, String> names,
      @Nullable String style,
      @Nullable Integer width,
      @Nullable Integer height,
      @Nullable String sha256,
      @Nullable String corpusVersion,
      @Nullable Map<String, String> metadata,
      @Nullable Long seed,
      @Nullable Integer steps,
      @Nullable Double guidanceScale,
      @Nullable String scheduler,
      @Nullable String model,
      @Nullable Double confidence,
      @Nullable List<Reference> references) {
    static Image of(Hit hit, String corpusVersion) {
      ImageRecord image = hit.image();
      return new Image(
          "retrieved",
          image.id().value(),
          ImageUrls.of(image.id()),
          image.caption(),
          round(hit.score()),
          round(hit.pMatch()),
          image.source(),
          image.licence(),
          image.author(),
          new TreeMap<>(image.names()),
          image.style(),
          image.width(),
          image.height(),
          image.sha256(),
          corpusVersion,
          image.metadata(),
          null,
          null,
          null,
          null,
          null,
          null,
          null);
    }

    static Image of(GeneratedPicture picture) {
      return new Image(
          "generated",
          picture.id(),
          ImageUrls.ofGenerated(picture.id()),
          picture.prompt(),
          round(picture.similarity()),
          null,
          null,
          null,
          null,
          Map.of(),
          null,
          picture.pixels().width(),
          picture.pixels().height(),
          picture.id(),
          null,
          null,
          picture.seed(),
          picture.numInferenceSteps(),
          picture.guidanceScale(),
          picture.scheduler(),
          picture.model(),
          round(picture.confidence()),
          picture.references().stream().map(Reference::of).toList());
    }
  }

  /// An image of an answer, why it was chosen, and what else there was. `image` is null and `note`
  /// says why when none can be shown.
  record Shown(Decision decision, @Nullable Image image, List<Candidate> candidates, String note) {
    static Shown of(Output.RetrievedImage o, String corpusVersion) {
      return new Shown(
          Decision.of(o.decision()),
          Image.of(o.hit(), corpusVersion),
          Candidate.of(o.candidates()),
          o.note());
    }

    static Shown of(Output.GeneratedImage o) {
      return new Shown(
          Decision.of(o.decision()), Image.of(o.picture()), Candidate.of(o.candidates()), o.note());
    }

    static Shown of(Output.NoImage o) {
      return new Shown(Decision.of(o.decision()), null, Candidate.of(o.candidates()), o.reason());
    }
  }

  /// The answer of `/v1/lookup`.
  record Lookup(
      Decision decision,
      @Nullable Image image,
      List<Candidate> candidates,
      String note,
      Map<String, Double> timingsMs) {
    Shown shown() {
      return new Shown(decision, image, candidates, note);
    }

    static Lookup of(LookupResult result, String corpusVersion) {
      Shown shown =
          switch (result.image()) {
            case Output.RetrievedImage o -> Shown.of(o, corpusVersion);
            case Output.GeneratedImage o -> Shown.of(o);
            case Output.NoImage o -> Shown.of(o);
            case Output.TextDelta _, Output.Progress _, Output.Finished _ ->
                throw new IllegalStateException("a lookup ends with an image, not " + result);
          };
      return new Lookup(
          Decision.of(result.decision()),
          shown.image(),
          Candidate.of(result.candidates()),
          shown.note(),
          timings(result.timings()));
    }
  }

  /// A hit of `/v1/search`: a candidate and what else was asked for.
  @JsonInclude(Include.NON_EMPTY)
  record SearchHit(
      @JsonUnwrapped Candidate image, List<String> alike, @Nullable Explanation explanation) {
    static SearchHit of(SearchAnswer.Found hit) {
      return new SearchHit(
          Candidate.of(new Hit(hit.image(), hit.score(), hit.pMatch())),
          hit.alike().stream().map(ImageId::value).toList(),
          hit.explanation().map(Explanation::of).orElse(null));
    }
  }

  /// What made a hit's score.
  record Explanation(
      double cosine,
      List<Double> parts,
      double mean,
      double spread,
      double z,
      double words,
      Map<String, Double> fields,
      int vectorRank,
      int wordRank) {
    static Explanation of(SearchAnswer.Explanation it) {
      Map<String, Double> fields = new TreeMap<>();
      it.fields().forEach((field, value) -> fields.put(field, round(value)));
      return new Explanation(
          round(it.cosine()),
          it.parts().stream().map(Views::round).toList(),
          round(it.mean()),
          round(it.spread()),
          round(it.z()),
          round(it.words()),
          fields,
          it.vectorRank(),
          it.wordRank());
    }
  }

  /// The answer of `/v1/search`.
  @JsonInclude(Include.NON_EMPTY)
  record Search(
      @JsonInclude(Include.ALWAYS) List<SearchHit> hits,
      String next,
      Map<String, List<SearchAnswer.ValueCount>> facets,
      boolean calibrated) {
    static Search of(SearchAnswer answer) {
      return new Search(
          answer.hits().stream().map(SearchHit::of).toList(),
          answer.next(),
          new TreeMap<>(answer.facets()),
          answer.calibrated());
    }
  }

  static Map<String, Double> timings(StageTimings timings) {
    Map<String, Double> rounded = new LinkedHashMap<>();
    timings.milliseconds().forEach((stage, ms) -> rounded.put(stage, Math.rint(ms * 1e3) / 1e3));
    return rounded;
  }

  private static double round(double value) {
    return Math.rint(value * 1e6) / 1e6;
  }
}
