package org.preferencelearning.core.internal.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The native libraries that this process has loaded; known on Linux alone. */
record LoadedLibraries(String maps) {
    private static final Path MAPS = Path.of("/proc/self/maps");

    static LoadedLibraries now() {
        try {
            // Names of files may hold any byte.
            return new LoadedLibraries(
                    Files.isReadable(MAPS) ? Files.readString(MAPS, StandardCharsets.ISO_8859_1) : "");
        } catch (IOException e) {
            return new LoadedLibraries("");
        }
    }

    boolean contain(String name) {
        return maps.contains("/" + name);
    }
}
