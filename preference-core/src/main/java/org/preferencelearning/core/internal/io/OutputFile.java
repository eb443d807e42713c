package org.preferencelearning.core.internal.io;

import java.nio.file.Path;
import org.preferencelearning.core.error.SettingException;

/** Files that a setting names as the place of a result. */
public final class OutputFile {
    private static final String ALLOWED = "a file that is new or may be overwritten, in a place that can be written to";

    private OutputFile() {}

    /**
     * Tries, before the work whose result goes there, whether {@code file} can be written or overwritten. What an earlier
     * write left there when it was killed is taken away.
     *
     * @param setting name of the setting as the user writes it
     * @param file as given; a link is followed, missing folders above it are not made yet
     * @param plannedBytes how much will be written, 0 where that is not known
     * @throws SettingException naming the setting, the file and why not
     */
    public static void check(String setting, Path file, long plannedBytes) {
        try {
            Destination destination = Destination.of(file);
            destination.requireReplaceableFile();
            Leftovers.clean(destination.path());
            destination.requireRoom(plannedBytes);
        } catch (RefusedException e) {
            throw refused(setting, file, e, ALLOWED);
        }
    }

    static SettingException refused(String setting, Path given, RefusedException problem, String allowed) {
        String shown = given.toString().isEmpty() ? "''" : given.toString();
        return new SettingException(setting, shown + " (" + problem.getMessage() + ")", allowed);
    }
}
