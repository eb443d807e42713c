package org.preferencelearning.core.internal.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.preferencelearning.core.error.OutputException;
import org.preferencelearning.core.error.SettingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folders that are written as a whole. Nothing that this library did not write is ever replaced or deleted: a folder is
 * replaced only where it is empty or holds nothing but what the library's own {@code preference-output.json} in it lists.
 */
public final class OutputFolder {
    private static final Logger LOG = LoggerFactory.getLogger(OutputFolder.class);
    private static final String ALLOWED =
            "a folder that is new, empty or written by this library, in a place that can be written to";

    private OutputFolder() {}

    /** Fills a folder. */
    @FunctionalInterface
    public interface Content {
        void fill(Path folder) throws IOException;
    }

    /**
     * Tries, before the work whose result goes there, whether {@code folder} can be written or replaced. What an earlier save
     * left there when it was killed is taken away.
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
            Optional<String> writer = Leftovers.clean(destination.path());
            if (writer.isPresent()) {
                throw new RefusedException("process " + writer.get() + " is writing it");
            }
            destination.requireRoom(plannedBytes);
        } catch (RefusedException e) {
            throw OutputFile.refused(setting, folder, e, ALLOWED);
        }
    }

    /**
     * Replaces {@code folder} as a whole: a new one beside it is filled, forced to disk and takes its name. On Linux and macOS
     * the two exchange their names in one step, so that readers find the one or the other; elsewhere there is a moment between
     * two steps, and the next save or check completes what was cut off there. Of two writers at the same time the last one
     * stays, complete. Missing folders above are made; a link is followed.
     *
     * @throws OutputException naming the folder if it cannot be written or must not be replaced; what was there is still there
     */
    public static void replace(Path folder, Content content) {
        replace(folder, content, FolderExchange.ofSystem());
    }

    static void replace(Path folder, Content content, FolderExchange exchange) {
        try {
            Destination destination = Destination.of(folder);
            destination.requireReplaceableFolder();
            Path target = destination.path();
            Leftovers.clean(target)
                    .ifPresent(writer ->
                            LOG.warn("{}: process {} is writing it, too; what is written last stays", folder, writer));
            Files.createDirectories(target.getParent());
            try (StagedFolder staged = StagedFolder.beside(target)) {
                content.fill(staged.fresh());
                staged.publish(exchange);
            }
        } catch (RefusedException e) {
            throw new OutputException(folder, e.getMessage(), e);
        } catch (OutputException e) {
            // of a file in it, whose place in the making says nothing to the caller
            throw new OutputException(folder, e.path().getFileName() + ": " + e.problem(), e);
        } catch (IOException e) {
            throw new OutputException(folder, Problems.words(e), e);
        }
    }
}
