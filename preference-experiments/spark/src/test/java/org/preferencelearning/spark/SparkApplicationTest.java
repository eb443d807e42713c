package org.preferencelearning.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.task.Progress;

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

    private void run(String master, String shared) {
        SparkApplication.run(
                "--spark",
                master,
                STUDY,
                folder.resolve("run"),
                Optional.ofNullable(shared).map(URI::create),
                Progress.none(),
                () -> false);
    }

    @Test
    void whatIsNoMasterAndNoPlaceIsSaidBeforeTheApplicationStarts() {
        assertThatThrownBy(() -> run("127.0.0.1:7077", null))
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll("--spark", "127.0.0.1:7077", "spark://host:7077");
        for (String shared : List.of("foo://x/y", "/tmp/x", "s3a://bucket/x", "hdfs://no.such.host.invalid/x")) {
            // any master: it is not asked
            assertThatThrownBy(() -> run("spark://127.0.0.1:1", shared))
                    .as(shared)
                    .isInstanceOf(SettingException.class)
                    .hasMessageContainingAll("shared", shared);
        }
        assertThatThrownBy(() -> run("spark://127.0.0.1:1", "s3a://bucket/x")).hasMessageContaining("hadoop-aws");
        assertThatThrownBy(() -> run("spark://127.0.0.1:1", "hdfs://no.such.host.invalid/x"))
                .hasMessageContaining("UnknownHostException");
        assertThat(folder.resolve("run")).doesNotExist();
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
