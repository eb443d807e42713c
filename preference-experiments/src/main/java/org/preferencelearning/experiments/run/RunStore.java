package org.preferencelearning.experiments.run;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A place that all processes of a {@link SharedRun} reach where they have no folder in common, such as a distributed file system.
 * It holds a run directory: who copies it away has one. Names are those of files and folders within it, parted by {@code /}, and
 * parents are made as they are needed. Implementations are thread-safe, and sent to the processes as they are serialized.
 */
public interface RunStore extends Serializable {
    /** Begins the names of folders that are being written or deleted; what a crash leaves of them is worth nothing. */
    String UNFINISHED = ".unfinished-";

    /** Names, without their parents, of what lies in a folder; none if the folder is not there. */
    List<String> list(String folder) throws IOException;

    /** Whether a file or folder is there. */
    boolean holds(String name) throws IOException;

    /** A file's content; empty if it is not there. */
    Optional<byte[]> read(String file) throws IOException;

    /** Writes a file, or replaces it; readers see the old one or the new one. */
    void write(String file, byte[] content) throws IOException;

    /**
     * Copies a folder that is there.
     *
     * @param to absent; its parent is there
     */
    void fetch(String folder, Path to) throws IOException;

    /**
     * Copies a folder here, where others see it as a whole or not at all, unless one of that name is there, which then stands.
     *
     * @param attempt tells this writer from others of the same folder, in characters that names may have
     * @return whether this copy is there now
     */
    boolean publish(Path from, String folder, String attempt) throws IOException;

    /** Gives a folder another name, unless it is gone. */
    void move(String folder, String name) throws IOException;

    /** Deletes a folder; nothing if it is not there. */
    void delete(String folder) throws IOException;

    /** Where it is, for messages. */
    @Override
    String toString();
}
