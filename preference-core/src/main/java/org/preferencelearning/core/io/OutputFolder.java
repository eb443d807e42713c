package org.preferencelearning.core.io;

import java.nio.file.Path;
import org.preferencelearning.core.error.SettingException;

/**
 * Folders that are written as a whole. Nothing that this library did not write is ever replaced or deleted: a folder is
 * replaced only where it is empty or holds nothing but what the library's own {@code preference-output.json} in it lists.
 */
public final class OutputFolder {
    private static final String ALLOWED =
            "a folder that is new, empty or written by this library, in a place that can be" + " written to";

    private OutputFolder() {}

    /**
     * Tries, before the work whose result goes there, whether {@code folder} can be written or replaced.
     *
     * @param setting name of the setting as the user writes it
     * @param folder as given; a link is followed, missing folders above it are not made yet
     * @param plannedBytes how much will be written, 0 where that is not known
     * @throws SettingException naming the setting, the folder and why not
     */
    public static void check(String setting, Path folder, long plannedBytes) {
        try {
            Destination destination = Destination.of(folder);
            destination.requireReplaceableFolder();
            destination.requireRoom(plannedBytes);
        } catch (RefusedException e) {
            throw OutputFile.refused(setting, folder, e, ALLOWED);
        }
    }
}
