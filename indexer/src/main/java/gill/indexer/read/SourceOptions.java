package gill.indexer.read;

import gill.indexer.fetch.FetchRules;
import java.nio.file.Path;

/// How a source is opened.
///
/// @param pictures folder for the pictures of archives and of addresses; nothing is put there in a
///   rehearsal
/// @param images folder that the pictures of an embedding folder lie in; empty = as it says itself
/// @param rehearsal whether nothing may be written: pictures of archives and addresses are then
///   kept in memory until they are decoded
/// @param fetching how addresses are fetched
public record SourceOptions(Path pictures, Path images, boolean rehearsal, FetchRules fetching) {
  public static SourceOptions of(Path pictures) {
    return new SourceOptions(pictures, Path.of(""), false, FetchRules.DEFAULT);
  }

  public SourceOptions withRehearsal(boolean without) {
    return new SourceOptions(pictures, images, without, fetching);
  }

  public SourceOptions withImages(Path folder) {
    return new SourceOptions(pictures, folder, rehearsal, fetching);
  }

  public SourceOptions withFetching(FetchRules rules) {
    return new SourceOptions(pictures, images, rehearsal, rules);
  }
}
