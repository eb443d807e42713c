package org.preferencelearning.core.internal.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.bytedeco.javacpp.Loader;
import org.preferencelearning.core.error.NativeReleaseException;

/**
 * Whether JavaCPP, through which all native libraries here are called, is of a release that they run on. Maven may put an older
 * one on the class path, which ND4J names; its Java part and its native part may also come in two releases. Either ends far
 * from its cause, in an error of linking or of the memory.
 */
final class NativeReleases {
    /** oneDNN's is built with it; ND4J's and OpenBLAS's natives, of older ones, run on it. */
    static final String LEAST = "1.5.14";

    private static final String RELEASE = "META-INF/maven/org.bytedeco/javacpp/pom.properties";
    /** They do nothing when they are initialised but to compare their release with JavaCPP's and warn on standard error. */
    private static final List<String> KNOWN_TO_FIT =
            List.of("org.bytedeco.openblas.presets.openblas", "org.bytedeco.opencl.presets.OpenCL");

    private static final String LOADS_LIBRARIES = "org.bytedeco.javacpp.loadlibraries";

    private NativeReleases() {}

    /** @throws NativeReleaseException if JavaCPP's parts are not both of one release from {@link #LEAST} on */
    static void check() {
        require(
                release(Loader.class.getClassLoader(), "org/bytedeco/javacpp/Loader.class"),
                release(Loader.class.getClassLoader(), nativePart()),
                Loader.getPlatform());
    }

    /**
     * Throws unless both parts are there and fit.
     *
     * @param ofJava release of JavaCPP's classes; empty where it cannot be told, as in a jar of everything, which is let pass
     * @param ofNatives that of its native library for {@code platform}
     */
    static void require(Optional<String> ofJava, Optional<String> ofNatives, String platform) {
        boolean fits = ofJava.stream().allMatch(NativeReleases::isEnough)
                && ofNatives.stream().allMatch(NativeReleases::isEnough)
                && (ofJava.isEmpty() || ofNatives.isEmpty() || ofJava.equals(ofNatives));
        if (!fits) {
            throw new NativeReleaseException(
                    "org.bytedeco:javacpp",
                    ofJava.orElse("an unknown release") + ", its natives for " + platform + " "
                            + ofNatives.orElse("of an unknown release"),
                    LEAST + " or later, of both the same");
        }
    }

    private static boolean isEnough(String release) {
        int[] found = numbers(release);
        int[] least = numbers(LEAST);
        int difference = Arrays.mismatch(found, least);
        return difference < 0
                || difference == least.length
                || difference < found.length && found[difference] > least[difference];
    }

    private static int[] numbers(String release) {
        return Arrays.stream(release.split("\\D+"))
                .filter(part -> !part.isEmpty())
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    private static String nativePart() {
        return "org/bytedeco/javacpp/" + Loader.getPlatform() + "/" + System.mapLibraryName("jnijavacpp");
    }

    /** The release that the jar of a resource says it is of. */
    static Optional<String> release(ClassLoader loader, String resource) {
        URL place = loader.getResource(resource);
        if (place == null || !place.getProtocol().equals("jar")) {
            return Optional.empty();
        }
        String jar = place.toString().substring(0, place.toString().lastIndexOf("!/") + 2);
        try {
            URLConnection connection = new URL(jar + RELEASE).openConnection();
            connection.setUseCaches(false);
            Properties properties = new Properties();
            try (InputStream in = connection.getInputStream()) {
                properties.load(in);
            }
            return Optional.ofNullable(properties.getProperty("version"));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Lets the libraries that are known to fit have their say before it can be heard; none is loaded by that. */
    static void silenceWarnings() {
        String before = System.getProperty(LOADS_LIBRARIES);
        System.setProperty(LOADS_LIBRARIES, "false");
        try {
            for (String name : KNOWN_TO_FIT) {
                initialise(name);
            }
        } finally {
            if (before == null) {
                System.clearProperty(LOADS_LIBRARIES);
            } else {
                System.setProperty(LOADS_LIBRARIES, before);
            }
        }
    }

    private static void initialise(String name) {
        try {
            Class.forName(name, true, NativeReleases.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            // what is not there does not warn
        }
    }
}
