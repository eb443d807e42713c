package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.testkit.ChildJvm;

/**
 * A project of its own, which has the README's dependencies and nothing of this build, is compiled, tested and run with the
 * artifacts that were just built. It sees them in a local repository that is thrown away and whose other artifacts are links to
 * this build's, so that what is built here never gets there.
 */
class ForeignConsumerIT {
    private static final Path CONSUMER = Path.of("src/consumer");
    private static final String OURS = "org/preferencelearning";
    private static final String VERSION = System.getProperty("consumer.version");

    @TempDir
    Path folder;

    @Test
    void theProjectOfTheReadmeRunsItsTestsAndItsStudy() throws Exception {
        Path project = folder.resolve("project");
        copy(CONSUMER, project);
        String built = maven(project, repository());
        Matcher tests = Pattern.compile("Tests run: (\\d+), Failures: 0, Errors: 0, Skipped: 0")
                .matcher(built);
        assertThat(tests.find()).as(built).isTrue();
        assertThat(Integer.parseInt(tests.group(1))).as("tests of the contract").isGreaterThanOrEqualTo(5);

        String libraries = Files.readString(project.resolve("target/classpath"));
        assertThat(libraries)
                .contains("jna-5", "commons-rng-client-api-1.7", "commons-math3-3.6.1")
                .doesNotContain("oshi", "byteunits", "commons-codec", "commons-net", "neoitertools")
                .doesNotContain("threetenbp", "commons-compress", "commons-io-2.7", "commons-lang3-3.11");
        // ND4J names an older JavaCPP, with its natives
        assertThat(libraries)
                .containsPattern("javacpp-1\\.5\\.14\\.jar")
                .containsPattern("javacpp-1\\.5\\.14-[a-z]+-\\w+\\.jar")
                .containsPattern("dnnl-3\\.13-1\\.5\\.14-[a-z]+-\\w+\\.jar")
                .containsPattern("opencl-3\\.0-1\\.5\\.13-[a-z]+-\\w+\\.jar")
                .doesNotContain("javacpp-1.5.7", "opencl-3.1");

        Path table = folder.resolve("table");
        ChildJvm.Result study = ChildJvm.ofMain("example.Study")
                .classPath(project.resolve("target/classes") + File.pathSeparator + libraries.strip())
                .with("OMP_DISPLAY_ENV", "VERBOSE")
                .run(table.toString());
        assertThat(study.exit()).as(study.err()).isZero();
        assertThat(study.out()).isEqualTo(Files.readString(table)).contains("reward model  8");
        if (study.err().contains("OPENMP DISPLAY ENVIRONMENT")) {
            assertThat(study.err()).contains("GOMP_SPINCOUNT = '2000'");
        }
    }

    /** Builds it, checks that no library gets an older release than it asks for, and writes the class path of its program. */
    private static String maven(Path project, Path repository) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("consumer.maven"), "bin", "mvn").toString(), "-B", "-ntp"));
        if (System.getProperty("consumer.offline").endsWith("true")) {
            command.add("-o");
        }
        command.addAll(List.of(
                "-Dmaven.repo.local=" + repository,
                "test",
                "org.apache.maven.plugins:maven-enforcer-plugin:" + System.getProperty("consumer.enforcer")
                        + ":enforce",
                "-Denforcer.rules=requireUpperBoundDeps",
                "org.apache.maven.plugins:maven-dependency-plugin:" + System.getProperty("consumer.dependency")
                        + ":build-classpath",
                "-DincludeScope=runtime",
                "-Dmdep.outputFile=target/classpath"));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(project.toFile()).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().keySet().removeAll(List.of("MAVEN_OPTS", "MAVEN_ARGS", "MAVEN_PROJECTBASEDIR"));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    /** Lest the links are taken for what they lead to when the folder is deleted. */
    @AfterEach
    void removeLinks() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("repository"), 2)) {
            for (Path link : files.filter(Files::isSymbolicLink).toList()) {
                Files.delete(link);
            }
        }
    }

    private Path repository() throws IOException {
        Path mine = Path.of(System.getProperty("consumer.repository"));
        Path repository = folder.resolve("repository");
        link(mine, repository, "org");
        link(mine.resolve("org"), repository.resolve("org"), "preferencelearning");
        install("preference-parent", Path.of(".."));
        for (String module : List.of("core", "gpt2", "experiments")) {
            install("preference-" + module, Path.of("../preference-" + module));
        }
        install("preference-bom", Path.of("../preference-core/bom"));
        install("preference-testkit", Path.of("../preference-core/testkit"));
        install("preference-experiments-testkit", Path.of("../preference-experiments/testkit"));
        return repository;
    }

    /** A folder with links to all that is in {@code from}, but for {@code omitted}. */
    private static void link(Path from, Path to, String omitted) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> children = Files.list(from)) {
            for (Path child : children.toList()) {
                if (!child.endsWith(omitted)) {
                    Files.createSymbolicLink(to.resolve(child.getFileName()), child.toAbsolutePath());
                }
            }
        }
    }

    /** Puts a module's pom and jars where Maven would. */
    private void install(String artifact, Path module) throws IOException {
        Path to = folder.resolve("repository").resolve(OURS).resolve(artifact).resolve(VERSION);
        Files.createDirectories(to);
        String name = artifact + "-" + VERSION;
        Files.copy(module.resolve("pom.xml"), to.resolve(name + ".pom"));
        Path built = module.resolve("target").resolve(name + ".jar");
        if (Files.exists(built)) {
            Files.copy(built, to.resolve(name + ".jar"));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }
}
