package org.preferencelearning.core.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs a class's {@code main} in a JVM of its own, for what a process can do only once: load native libraries, own standard
 * output. It has this JVM's class path, logs to standard error from WARN on, and has nothing in its environment that settings of
 * native libraries are read from, but for what a test puts there.
 */
public final class ChildJvm {
    /** Prefixes of variables that change how native libraries or a JVM run. */
    private static final List<String> CLEARED =
            List.of("OMP_", "GOMP_", "MALLOC_", "GLIBC_", "OPENBLAS_", "JAVA_", "JDK_");

    private static final long MINUTES = 5;

    private final String main;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final List<String> options = new ArrayList<>();

    private String classPath = System.getProperty("java.class.path");

    private ChildJvm(String main) {
        this.main = main;
    }

    /** What a process said. */
    public record Result(int exit, String out, String err) {}

    /** A JVM that runs {@code main}. */
    public static ChildJvm of(Class<?> main) {
        return new ChildJvm(main.getName());
    }

    /** A JVM that runs the class of that name, of another {@linkplain #classPath(String) class path}. */
    public static ChildJvm ofMain(String main) {
        return new ChildJvm(main);
    }

    /** Replaces the class path, which is this JVM's. */
    public ChildJvm classPath(String path) {
        classPath = path;
        return this;
    }

    /** Sets a variable. */
    public ChildJvm with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** Adds options of the JVM. */
    public ChildJvm options(String... more) {
        options.addAll(Arrays.asList(more));
        return this;
    }

    /** Runs it to its end, five minutes at most. */
    public Result run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Dlogback.configurationFile=org/preferencelearning/core/testkit/logback-stderr.xml");
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile("child", ".out");
        Path err = Files.createTempFile("child", ".err");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            builder.environment().keySet().removeIf(name -> CLEARED.stream().anyMatch(name::startsWith));
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IllegalStateException(main + " has not ended after " + MINUTES + " minutes");
            }
            return new Result(process.exitValue(), text(out), text(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
