package org.preferencelearning.gpt2.weights;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.preferencelearning.core.random.RandomSource;

/** Small damage to files. */
final class Mutations {
    private Mutations() {}

    /**
     * A copy in which one to three bytes from {@code begin} to {@code end} are another byte, one of {@code likely}, doubled
     * or left out.
     */
    static byte[] bytes(byte[] valid, int begin, int end, byte[] likely, RandomSource random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int[] positions = new int[1 + random.nextInt(3)];
        Arrays.setAll(positions, k -> begin + random.nextInt(end - begin));
        for (int at = 0; at < valid.length; at++) {
            int position = at;
            if (Arrays.stream(positions).noneMatch(p -> p == position)) {
                out.write(valid[at]);
                continue;
            }
            switch (random.nextInt(4)) {
                case 0 -> out.write(random.nextInt(256));
                case 1 -> out.write(likely[random.nextInt(likely.length)]);
                case 2 -> {
                    out.write(valid[at]);
                    out.write(valid[at]);
                }
                default -> {
                    // left out
                }
            }
        }
        return out.toByteArray();
    }
}
