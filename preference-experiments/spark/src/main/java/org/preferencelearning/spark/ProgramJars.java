package org.preferencelearning.spark;

import static java.util.Objects.requireNonNull;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.apache.spark.SparkContext;

/** The jars of a program, which executors need, without those of Spark, which they have. */
final class ProgramJars {
    private ProgramJars() {}

    /** Of this process. */
    static List<String> ofThisProcess() {
        try {
            Path spark = Path.of(SparkContext.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return of(System.getProperty("java.class.path"), requireNonNull(spark.getParent(), "folder"));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Of a class path, those that jars name in their manifests among them.
     *
     * @param spark the folder of Spark's jars
     */
    static List<String> of(String classPath, Path spark) {
        Set<String> jars = new LinkedHashSet<>();
        for (String entry : classPath.split(File.pathSeparator)) {
            add(Path.of(entry).toAbsolutePath().normalize(), spark, jars);
        }
        return List.copyOf(jars);
    }

    private static void add(Path jar, Path spark, Set<String> jars) {
        if (!jar.toString().endsWith(".jar")
                || !Files.isRegularFile(jar)
                || spark.equals(jar.getParent())
                || !jars.add(jar.toString())) {
            return;
        }
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            String named =
                    manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            if (named != null) {
                for (String name : named.trim().split(" +")) {
                    add(jar.resolveSibling(name).normalize(), spark, jars);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(jar + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
