package org.preferencelearning.core.error;

import java.util.Locale;

/** There is not enough memory for what was asked; found before any of it is taken. */
public final class MemoryException extends PreferenceException {
    private static final double GIGABYTE = 1e9;

    /**
     * @param use what needs the memory
     * @param plannedBytes how much it needs
     * @param availableBytes how much there is
     * @param limit what sets that limit
     */
    public MemoryException(String use, long plannedBytes, long availableBytes, String limit) {
        super(
                String.format(
                        Locale.ROOT,
                        "%s takes %.3f GB of memory (%d bytes); available: %.3f GB (%d bytes), %s",
                        use,
                        plannedBytes / GIGABYTE,
                        plannedBytes,
                        availableBytes / GIGABYTE,
                        availableBytes,
                        limit),
                null);
    }
}
