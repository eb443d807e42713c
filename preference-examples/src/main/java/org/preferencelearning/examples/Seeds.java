package org.preferencelearning.examples;

import java.util.stream.LongStream;
import org.preferencelearning.core.error.SettingException;

/** Seeds that two options give: how many, and the first. */
final class Seeds {
    private static final int MOST = 1000;

    private Seeds() {}

    /** So many seeds, one after the other. */
    static long[] from(long first, int count) {
        SettingException.require(count >= 1 && count <= MOST, "--seeds", count, "1 to " + MOST);
        return LongStream.range(0, count).map(i -> first + i).toArray();
    }
}
