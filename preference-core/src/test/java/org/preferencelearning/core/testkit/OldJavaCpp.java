package org.preferencelearning.core.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bytedeco.javacpp.Loader;

/** A jar of what decides that JavaCPP is there, and of which release: put before the real one, it makes that look older. */
public final class OldJavaCpp {
    private static final String LOADER = "org/bytedeco/javacpp/Loader.class";
    private static final String RELEASE = "META-INF/maven/org.bytedeco/javacpp/pom.properties";

    private OldJavaCpp() {}

    /** Writes the jar, of release 1.5.7. */
    public static Path in(Path folder) throws IOException {
        Path jar = folder.resolve("javacpp-1.5.7.jar");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar));
                InputStream loader = Loader.class.getResourceAsStream("/" + LOADER)) {
            out.putNextEntry(new ZipEntry(LOADER));
            loader.transferTo(out);
            out.putNextEntry(new ZipEntry(RELEASE));
            out.write("version=1.5.7".getBytes(StandardCharsets.UTF_8));
        }
        return jar;
    }
}
