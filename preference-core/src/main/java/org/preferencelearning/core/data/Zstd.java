package org.preferencelearning.core.data;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.preferencelearning.core.error.DataFormatException;

/** Unpacks zstd, where its library is among the program's; this one does not bring it. */
final class Zstd {
    /** What is to be added; any newer release does. */
    static final String ARTIFACT = "com.github.luben:zstd-jni";

    private static final int WINDOW_LOG = 27; // zstd's own: 128 MiB

    private Zstd() {}

    static InputStream open(String name, InputStream packed) throws IOException {
        try {
            return Library.open(packed);
        } catch (LinkageError e) {
            throw new DataFormatException(
                    name,
                    0,
                    "it is packed with zstd, which takes " + ARTIFACT
                            + " (BSD licence, Maven Central) among the program's libraries; gzip and xz take nothing",
                    e);
        }
    }

    /** Whether that is what zstd says of damaged content. */
    static boolean isFault(IOException failure) {
        // without loading the library's class
        return failure.getClass().getName().startsWith("com.github.luben.zstd.");
    }

    /** All that needs the library's classes. */
    private static final class Library {
        static InputStream open(InputStream packed) throws IOException {
            ZstdInputStream in = new ZstdInputStream(packed);
            in.setLongMax(WINDOW_LOG);
            return in;
        }
    }
}
