package org.preferencelearning.gpt2.model;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.preferencelearning.core.error.MemoryException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.memory.AvailableMemory;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.internal.torch.Gpu;

/**
 * What a piece of work needs, before any of it is allocated: native memory in float32, on a GPU memory of it, with a copy of the
 * weights in native memory. The Java heap and the libraries themselves, about a gigabyte, come on top.
 *
 * @param parameters of the model
 * @param trained how many of them are trained
 * @param weightBytes of the model
 * @param gradientBytes of the trained parameters
 * @param momentBytes AdamW's two moments
 * @param referenceBytes the reference policy, which is there until its log-probabilities have been taken
 * @param activationBytes values kept between forward and backward pass, attention probabilities and the output head; or the
 *     key/value cache
 */
public record Gpt2Plan(
        long parameters,
        long trained,
        long weightBytes,
        long gradientBytes,
        long momentBytes,
        long referenceBytes,
        long activationBytes) {
    /** Vectors of one width that a block keeps for each position, beside that of the feed-forward part: see the graph. */
    private static final int KEPT_PER_BLOCK = 6;
    /** Vectors of one width that are there at once while one block is computed. */
    private static final int WORKING = 12;

    private static final double GIGABYTE = 1e9;

    /**
     * Training with AdamW.
     *
     * @param sequences evaluated at once; two for a pair
     * @param length tokens of each, padding included
     * @param reference whether there is a reference policy
     */
    public static Gpt2Plan training(
            Gpt2Config config, ParameterSelection selection, int sequences, int length, boolean reference) {
        check(config, sequences, length);
        Map<String, long[]> shapes = Gpt2Parameters.shapes(config, false);
        Predicate<String> isTrained = selection.in(config, shapes.keySet());
        long trained = shapes.entrySet().stream()
                .filter(entry -> isTrained.test(entry.getKey()))
                .mapToLong(entry -> product(entry.getValue()))
                .sum();
        long positions = (long) sequences * length;
        long probabilities = positions * config.heads() * length;
        long kept = config.layers()
                        * (positions * (KEPT_PER_BLOCK * (long) config.width() + config.inner()) + probabilities)
                + WORKING * positions * config.width()
                + probabilities;
        return new Gpt2Plan(
                config.parameters(),
                trained,
                bytes(config.parameters()),
                bytes(trained),
                2 * bytes(trained),
                reference ? bytes(config.parameters()) : 0,
                bytes(kept) + headBytes(config, positions));
    }

    /**
     * Sampling.
     *
     * @param rows responses drawn at once
     * @param length tokens of the longest prompt with its response
     */
    public static Gpt2Plan sampling(Gpt2Config config, int rows, int length) {
        check(config, rows, length);
        long positions = (long) rows * length;
        long cache = 2L * config.layers() * positions * config.width();
        long working = (WORKING * (long) config.width() + (long) config.heads() * length) * positions;
        long logits = 2L * rows * config.vocabulary();
        // while tokens follow, copies of the blocks' matrices are where the prompts' values were
        long packed = config.layers() * (4L * config.width() + 2L * config.inner()) * config.width();
        return new Gpt2Plan(
                config.parameters(),
                0,
                bytes(config.parameters()),
                0,
                0,
                0,
                bytes(cache + Math.max(working, packed) + logits));
    }

    private static void check(Gpt2Config config, int rows, int length) {
        SettingException.requireAtLeast("sequences", rows, 1);
        SettingException.require(
                length >= 1 && length <= config.positions(),
                "length",
                length,
                "1 to " + config.positions() + ", the model's n_positions");
    }

    private static long headBytes(Gpt2Config config, long positions) {
        long rows = Math.min(positions, LanguageModelHead.chunkRows(config.vocabulary(), Float.BYTES));
        return bytes(rows * (config.vocabulary() + 2L * config.width()));
    }

    private static long product(long[] shape) {
        long product = 1;
        for (long size : shape) {
            product *= size;
        }
        return product;
    }

    private static long bytes(long values) {
        return values * Float.BYTES;
    }

    /** Most native memory at any time: the reference is gone before AdamW's moments are made. */
    public long peakBytes() {
        return weightBytes + gradientBytes + activationBytes + Math.max(momentBytes, referenceBytes);
    }

    /**
     * Most memory at any time in a precision. {@link MatrixPrecision#BFLOAT16} takes more, at most copies of the weights and of
     * the activations of half their size: factors are rounded beside the values that are kept.
     */
    public long peakBytes(MatrixPrecision precision) {
        return precision == MatrixPrecision.FLOAT32 ? peakBytes() : peakBytes() + (weightBytes + activationBytes) / 2;
    }

    /**
     * Throws unless that much memory is available now where and as models {@linkplain Computing#standard() compute}; to be
     * asked before the model is made, which has a part of it.
     *
     * @throws org.preferencelearning.core.error.MemoryException with both figures
     */
    public void requireAvailable() {
        Computing computing = Computing.standard();
        long peak = peakBytes(computing.precision());
        Optional<Gpu> gpu = computing.device().gpu();
        if (gpu.isPresent()) {
            requireOnGpu(peak, gpu.get());
            AvailableMemory.require("the copy on the host of a model that computes on a GPU", weightBytes);
        } else {
            AvailableMemory.require("the work planned (" + this + ")", peak);
        }
    }

    void requireOnGpu(long peak, Gpu gpu) {
        OptionalLong most = AvailableMemory.most();
        if (most.isPresent() && peak > most.getAsLong()) {
            throw new MemoryException(
                    "the work planned (" + this + ")",
                    peak,
                    most.getAsLong(),
                    AvailableMemory.PROPERTY + " allows no more");
        }
        if (peak > gpu.freeBytes()) {
            throw new MemoryException(
                    "the work planned (" + this + ")", peak, gpu.freeBytes(), "what is free of " + gpu);
        }
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%,d parameters, %,d trained; weights %.2f GB, gradients %.2f GB, moments %.2f GB, reference %.2f GB until"
                        + " scored, activations %.2f GB: at most %.2f GB of native memory",
                parameters,
                trained,
                weightBytes / GIGABYTE,
                gradientBytes / GIGABYTE,
                momentBytes / GIGABYTE,
                referenceBytes / GIGABYTE,
                activationBytes / GIGABYTE,
                peakBytes() / GIGABYTE);
    }
}
