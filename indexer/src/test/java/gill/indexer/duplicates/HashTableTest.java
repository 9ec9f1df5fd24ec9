package gill.indexer.duplicates;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gill.engine.flow.PictureHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class HashTableTest {
  @Test
  void near_findsExactlyWhatAComparisonOfAllFinds() {
    Random random = new Random(11);
    List<PictureHash> hashes = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      PictureHash hash = new PictureHash(random.nextLong(), random.nextLong());
      for (int flips = 0; flips < 14; flips++) {
        hashes.add(hash);
        long bit = 1L << random.nextInt(64);
        hash =
            random.nextBoolean()
                ? new PictureHash(hash.across() ^ bit, hash.down())
                : new PictureHash(hash.across(), hash.down() ^ bit);
      }
    }
    HashTable table = new HashTable();
    hashes.forEach(table::add);
    for (PictureHash query : hashes) {
      TreeSet<Integer> expected = new TreeSet<>();
      for (int i = 0; i < hashes.size(); i++) {
        if (hashes.get(i).distance(query) <= NearDuplicates.MAX_BITS) {
          expected.add(i);
        }
      }
      TreeSet<Integer> found = new TreeSet<>();
      table.near(
          query,
          NearDuplicates.MAX_BITS,
          (entry, bits) -> {
            assertEquals(hashes.get(entry).distance(query), bits);
            found.add(entry);
          });
      assertEquals(expected, found);
    }
  }
}
