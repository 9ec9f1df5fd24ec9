package gill.indexer.duplicates;

import gill.engine.flow.PictureHash;
import java.util.Arrays;

/// Finds perceptual hashes that differ in few bits, without comparing all: a hash is cut into
/// [#CHUNKS] pieces, and two that differ in fewer bits than there are pieces agree in one of them.
final class HashTable {
  /// One more than the bits that may differ.
  private static final int CHUNKS = NearDuplicates.MAX_BITS + 1;

  private static final int CHUNK_BITS = 15;

  /// Of one piece's value so many hashes are compared, the latest: pictures of one colour all
  /// agree.
  private static final int LONGEST_CHAIN = 4096;

  private final int[][] head = new int[CHUNKS][1 << CHUNK_BITS];
  private int[][] next = new int[CHUNKS][1024];
  private long[] across = new long[1024];
  private long[] down = new long[1024];
  private int size;

  HashTable() {
    for (int[] heads : head) {
      Arrays.fill(heads, -1);
    }
  }

  @FunctionalInterface
  interface Found {
    void at(int entry, int bits);
  }

  /// Adds a hash; its number is how many there were.
  void add(PictureHash hash) {
    if (size == across.length) {
      int larger = size + (size >> 1);
      across = Arrays.copyOf(across, larger);
      down = Arrays.copyOf(down, larger);
      for (int i = 0; i < CHUNKS; i++) {
        next[i] = Arrays.copyOf(next[i], larger);
      }
    }
    across[size] = hash.across();
    down[size] = hash.down();
    for (int i = 0; i < CHUNKS; i++) {
      int chunk = chunk(hash, i);
      next[i][size] = head[i][chunk];
      head[i][chunk] = size;
    }
    size++;
  }

  /// Calls `found` with the entries that differ in at most `maxBits`, which must be below
  /// [#CHUNKS]; with some of them more than once.
  void near(PictureHash hash, int maxBits, Found found) {
    for (int i = 0; i < CHUNKS; i++) {
      int left = LONGEST_CHAIN;
      for (int entry = head[i][chunk(hash, i)]; entry >= 0 && left > 0; entry = next[i][entry]) {
        int bits =
            Long.bitCount(across[entry] ^ hash.across()) + Long.bitCount(down[entry] ^ hash.down());
        if (bits <= maxBits) {
          found.at(entry, bits);
        }
        left--;
      }
    }
  }

  private static int chunk(PictureHash hash, int number) {
    int from = 128 * number / CHUNKS;
    int to = 128 * (number + 1) / CHUNKS;
    long bits = from < 64 ? hash.across() >>> from : hash.down() >>> (from - 64);
    if (from < 64 && to > 64) {
      bits |= hash.down() << (64 - from);
    }
    return (int) (bits & ((1L << (to - from)) - 1));
  }
}
