package org.preferencelearning.examples;

import com.google.common.math.PairedStatsAccumulator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.gpt2.KernelClock;

/**
 * Times of repetitions of one piece of work.
 *
 * @param nanos sorted
 */
record Measurement(List<Long> nanos) {
    private static final double NANOS = 1e9;
    private static final int PEAK_SIZE = 1536;
    private static final int MIN_FOR_SLOPE = 3;

    static Measurement of(List<Long> times) {
        return new Measurement(times.stream().sorted().toList());
    }

    static Measurement of(int warmup, int repeats, Runnable work) {
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < warmup + repeats; i++) {
            long start = System.nanoTime();
            work.run();
            if (i >= warmup) {
                times.add(System.nanoTime() - start);
            }
        }
        return of(times);
    }

    double medianSeconds() {
        return nanos.get(nanos.size() / 2) / NANOS;
    }

    void addTo(Map<String, Object> line) {
        line.put("repeats", nanos.size());
        line.put("medianMillis", medianSeconds() * 1000);
        line.put("fastestMillis", nanos.get(0) / NANOS * 1000);
        line.put("slowestMillis", nanos.get(nanos.size() - 1) / NANOS * 1000);
    }

    /** Adds which share of the time each kernel took, and all products of matrices together. */
    void addShares(Map<String, Object> line, Map<String, Double> seconds) {
        double total = nanos.stream().mapToLong(Long::longValue).sum() / NANOS;
        Map<String, Double> shares = new TreeMap<>();
        seconds.forEach((kernel, time) -> shares.put(kernel, time / total));
        line.put("gemmShareOfTime", shares.getOrDefault(KernelClock.PRODUCTS, 0.0));
        line.put("kernelShareOfTime", shares);
    }

    /** Adds what the products of matrices reach, and how that compares with one large product on this machine. */
    static void addMatrixProducts(Map<String, Object> line, double flops, double seconds) {
        double peak = peakFlops();
        line.put("gemmGigaflopsPerSecond", flops / seconds / NANOS);
        line.put("gemmPeakGigaflopsPerSecond", peak / NANOS);
        line.put("gemmShareOfPeak", flops / seconds / peak);
    }

    /** What one large product reaches on this machine, a second. */
    static double peakFlops() {
        try (INDArray a = Nd4j.rand(DataType.FLOAT, PEAK_SIZE, PEAK_SIZE);
                INDArray b = Nd4j.rand(DataType.FLOAT, PEAK_SIZE, PEAK_SIZE);
                INDArray c = Nd4j.create(DataType.FLOAT, PEAK_SIZE, PEAK_SIZE)) {
            DynamicCustomOp product = DynamicCustomOp.builder("matmul")
                    .addInputs(a, b)
                    .addOutputs(c)
                    .build();
            Measurement measurement = of(2, 5, () -> Nd4j.exec(product));
            return 2.0 * PEAK_SIZE * PEAK_SIZE * PEAK_SIZE / measurement.medianSeconds();
        }
    }

    /** Most memory that the process has had, or -1 where the system does not tell. */
    static long peakResidentBytes() {
        return memory("VmHWM:");
    }

    /** Memory that the process has now, or -1 where the system does not tell. */
    static long residentBytes() {
        return memory("VmRSS:");
    }

    private static long memory(String name) {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return -1;
        }
        try {
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(-1);
        } catch (IOException e) {
            throw new UncheckedIOException(status + ": " + e.getMessage(), e);
        }
    }

    /** Adds the slope of {@code values} over their index, by least squares, and its standard error. */
    static void addSlope(Map<String, Object> line, String name, List<Long> values) {
        if (values.size() < MIN_FOR_SLOPE) {
            return;
        }
        PairedStatsAccumulator pairs = new PairedStatsAccumulator();
        for (int i = 0; i < values.size(); i++) {
            pairs.add(i, values.get(i));
        }
        double slope = pairs.leastSquaresFit().slope();
        double ofIndex = pairs.xStats().populationVariance();
        double unexplained = Math.max(0, pairs.yStats().populationVariance() - slope * slope * ofIndex);
        double error = Math.sqrt(unexplained / (values.size() - 2) / ofIndex);
        line.put(name, slope);
        line.put(name + "StandardError", error);
    }
}
