package org.preferencelearning.core.internal.io;

import com.sun.jna.Function;
import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Two folders of one file system take each other's names in one step, so that neither is ever absent. */
@FunctionalInterface
interface FolderExchange {
    /** Exchanges the two; false where that cannot be done, and then nothing has changed. */
    boolean exchange(Path one, Path other);

    /** That of Linux (renameat2) or macOS (renamex_np); on other systems none. */
    static FolderExchange ofSystem() {
        return Native.INSTANCE;
    }

    /** Loaded at the first use. */
    final class Native {
        private static final Logger LOG = LoggerFactory.getLogger(FolderExchange.class);
        private static final int WORKING_FOLDER = -100; // AT_FDCWD
        private static final int RENAME_EXCHANGE = 2;
        private static final int RENAME_SWAP = 2;
        private static final FolderExchange INSTANCE = load();

        private Native() {}

        private static FolderExchange load() {
            try {
                if (Platform.isLinux()) {
                    Function renameat2 = function("renameat2");
                    return (one, other) ->
                            done(renameat2, WORKING_FOLDER, name(one), WORKING_FOLDER, name(other), RENAME_EXCHANGE);
                }
                if (Platform.isMac()) {
                    Function renamex = function("renamex_np");
                    return (one, other) -> done(renamex, name(one), name(other), RENAME_SWAP);
                }
            } catch (LinkageError e) {
                LOG.info("folders are replaced in two steps: {}", e.getMessage());
            }
            return (one, other) -> false;
        }

        private static Function function(String name) {
            // names of files have the encoding of the Java runtime's own calls
            Map<String, Object> options =
                    Map.of(Library.OPTION_STRING_ENCODING, System.getProperty("sun.jnu.encoding", "UTF-8"));
            return NativeLibrary.getInstance(Platform.C_LIBRARY_NAME, options)
                    .getFunction(name, Function.THROW_LAST_ERROR);
        }

        private static String name(Path path) {
            return path.toAbsolutePath().toString();
        }

        private static boolean done(Function function, Object... arguments) {
            try {
                return function.invokeInt(arguments) == 0;
            } catch (LastErrorException e) {
                // what the reason is shows where the two steps fail as well
                LOG.debug("no exchange", e);
                return false;
            }
        }
    }
}
