package org.preferencelearning.gpt2.internal.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The benchmarks run; what they measure is not looked at here. */
class KernelBenchmarkTest {
    @Test
    void everyBenchmarkRunsOnce() throws RunnerException {
        assumeThat(FusedOperations.available())
                .as("oneDNN's native library is there")
                .isTrue();
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include(KernelBenchmark.class.getName())
                        .param("width", "64")
                        .param("rows", "2")
                        .param("length", "8")
                        .param("vocabulary", "40")
                        .mode(Mode.SingleShotTime)
                        .forks(0)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();
        List<String> methods = Arrays.stream(KernelBenchmark.class.getMethods())
                .filter(method -> method.isAnnotationPresent(Benchmark.class))
                .map(method -> KernelBenchmark.class.getName() + "." + method.getName())
                .toList();
        assertThat(results)
                .extracting(result -> result.getParams().getBenchmark())
                .containsExactlyInAnyOrderElementsOf(methods);
        assertThat(results)
                .allSatisfy(result ->
                        assertThat(result.getPrimaryResult().getScore()).isPositive());
    }
}
