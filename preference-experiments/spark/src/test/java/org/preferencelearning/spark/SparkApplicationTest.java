package org.preferencelearning.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.SettingException;

/** What a program's application is told before it starts. */
class SparkApplicationTest {
    private static final OwnStudy STUDY = new OwnStudy("own", 1);

    @TempDir
    Path folder;

    @AfterEach
    void forget() {
        System.clearProperty("spark.master");
        System.clearProperty("spark.task.cpus");
    }

    @Test
    void anExecutorHasOneTaskWithItsThreadsUnlessThatIsSaid() {
        System.setProperty("spark.task.cpus", "4");
        SparkConf conf = SparkApplication.conf("--spark", "spark://host:7077", STUDY);
        assertThat(conf.get("spark.master")).isEqualTo("spark://host:7077");
        assertThat(conf.get("spark.executor.cores")).isEqualTo("4");
        assertThat(conf.get("spark.executorEnv.OMP_NUM_THREADS")).isEqualTo("4");
        assertThat(conf.get("spark.app.name")).contains("own");
        assertThat(conf.get("spark.jars")).contains("jackson-databind");
        assertThat(SparkApplication.conf("--spark", "local[2]", STUDY).contains("spark.jars"))
                .isFalse();
    }

    @Test
    void anotherMasterThanThatOfSparkSubmitIsRefused() {
        System.setProperty("spark.master", "yarn");
        assertThatThrownBy(() -> SparkApplication.conf("--spark", "local[2]", STUDY))
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll("--spark", "local[2]", "yarn");
        assertThat(SparkApplication.conf("--spark", "yarn", STUDY).get("spark.master"))
                .isEqualTo("yarn");
    }

    @Test
    void aProgramsJarsAreItsOwnAndThoseOfItsManifestWithoutSparks() throws IOException {
        Path spark = Files.createDirectories(folder.resolve("spark/jars"));
        Path lib = Files.createDirectories(folder.resolve("lib"));
        jar(spark.resolve("spark.jar"), "");
        jar(lib.resolve("library.jar"), "");
        Path program = jar(folder.resolve("program.jar"), "lib/library.jar lib/absent.jar");
        String path = String.join(
                File.pathSeparator,
                spark.resolve("spark.jar").toString(),
                program.toString(),
                folder.resolve("classes").toString());
        assertThat(ProgramJars.of(path, spark))
                .containsExactly(program.toString(), lib.resolve("library.jar").toString());
    }

    private static Path jar(Path file, String names) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        if (!names.isEmpty()) {
            manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, names);
        }
        new JarOutputStream(Files.newOutputStream(file), manifest).close();
        return file;
    }
}
