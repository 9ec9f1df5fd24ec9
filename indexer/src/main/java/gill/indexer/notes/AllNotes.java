package gill.indexer.notes;

import gill.engine.flow.Pixels;
import gill.indexer.flow.PictureNotes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Several kinds of notes together.
public final class AllNotes implements PictureNotes {
  private final List<PictureNotes> kinds;

  public AllNotes(List<? extends PictureNotes> kinds) {
    this.kinds = List.copyOf(kinds);
  }

  @Override
  public Map<String, String> of(Pixels picture) {
    Map<String, String> all = new HashMap<>();
    kinds.forEach(kind -> all.putAll(kind.of(picture)));
    return all;
  }

  @Override
  public boolean areIn(Map<String, String> metadata) {
    return kinds.stream().allMatch(kind -> kind.areIn(metadata));
  }

  @Override
  public String name() {
    return kinds.stream().map(PictureNotes::name).collect(Collectors.joining(" "));
  }
}
