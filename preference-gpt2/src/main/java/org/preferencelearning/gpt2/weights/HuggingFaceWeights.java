package org.preferencelearning.gpt2.weights;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * GPT-2 tensors under Hugging Face's names. Files name the body's tensors with the prefix {@code transformer.} or, in older
 * ones, without; this library's names have none. A file holds the tensors that a configuration asks for and no other part of
 * a body; what it may hold beside them cannot matter, or is said in the log.
 */
public final class HuggingFaceWeights {
    private static final Logger LOG = LoggerFactory.getLogger(HuggingFaceWeights.class);

    private static final String PREFIX = "transformer.";
    private static final String TOKEN_EMBEDDING = "wte.weight";
    private static final String OUTPUT_HEAD = "lm_head.weight";
    private static final String SCORE = "score.weight";
    /** Constants that older files hold: which tokens attention sees, and what it adds to the scores of others. */
    private static final Pattern MASK = Pattern.compile("(transformer\\.)?h\\.\\d+\\.attn\\.(bias|masked_bias)");

    private static final Pattern OF_BODY = Pattern.compile("transformer\\.|(wte|wpe|h|ln_f)\\.");
    private static final Pattern BLOCK = Pattern.compile("(?:transformer\\.)?h\\.(\\d+)\\.");

    /** The heads, which are no part of the body. */
    private static final Set<String> HEADS = Set.of(SCORE, OUTPUT_HEAD);

    private HuggingFaceWeights() {}

    /** The file of a folder that holds a model's weights, or the index of several; empty if there is none. */
    public static Optional<Path> in(Path folder) {
        return Checkpoint.in(folder);
    }

    /**
     * Reads the tensors of the given names and shapes, once all of them are known to be there. An output head that is not
     * asked for is that of the token embeddings, or of no use to a reward model.
     *
     * @param file a safetensors file, the index of a sharded one, or a folder that holds either
     * @param beforeReading is run when all are known to be there, before the first takes memory
     * @return new FLOAT arrays, the caller's, in the order of {@code shapes}
     * @throws WeightsFormatException if one is missing or of another shape, or the file holds more of a body
     */
    public static Map<String, INDArray> read(Path file, Map<String, long[]> shapes, Runnable beforeReading) {
        return read(file, shapes, OptionalInt.empty(), beforeReading);
    }

    /**
     * As {@link #read(Path, Map, Runnable)}, of a classifier one of whose labels is the reward.
     *
     * @param label whose row of {@code score.weight} is read, from 0; without one the file must have a single label
     * @throws WeightsFormatException also if there is no such label
     */
    public static Map<String, INDArray> read(
            Path file, Map<String, long[]> shapes, OptionalInt label, Runnable beforeReading) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        try (Checkpoint source = Checkpoint.open(file)) {
            Map<String, String> names = new LinkedHashMap<>();
            shapes.forEach((name, shape) -> names.put(name, find(file, source, name, shape, label)));
            refuseOthers(file, source, names);
            beforeReading.run();
            names.forEach((name, inFile) -> {
                INDArray tensor = source.read(inFile);
                tensors.put(name, name.equals(SCORE) && label.isPresent() ? row(tensor, label.getAsInt()) : tensor);
            });
            if (isTiedPolicy(names)) {
                requireTied(file, source, requireNonNull(tensors.get(TOKEN_EMBEDDING), TOKEN_EMBEDDING));
            }
            return tensors;
        } catch (RuntimeException e) {
            tensors.values().forEach(INDArray::close);
            throw e;
        }
    }

    /** Whether a file, an index or a folder holds a reward model's head. */
    public static boolean hasScore(Path file) {
        try (Checkpoint source = Checkpoint.open(file)) {
            return source.names().contains(SCORE);
        }
    }

    /** As {@link #read(Path, Map, Runnable)}, at once. */
    static Map<String, INDArray> read(Path file, Map<String, long[]> shapes) {
        return read(file, shapes, () -> {});
    }

    /** A row as a matrix of one row, in place of the whole. */
    private static INDArray row(INDArray whole, int row) {
        try (whole) {
            return whole.getRow(row, true).dup('c');
        }
    }

    private static String find(Path file, Checkpoint source, String name, long[] shape, OptionalInt label) {
        String found = source.info(PREFIX + name).isPresent() ? PREFIX + name : name;
        TensorInfo info = source.info(found)
                .orElseThrow(() -> new WeightsFormatException(
                        file.toString(),
                        "no tensor '" + name + "', with or without '" + PREFIX
                                + "' before it; the configuration asks for it with shape " + Arrays.toString(shape)
                                + ", and the file's " + source.names().size() + " tensors are of "
                                + blocks(source) + " blocks"));
        if (name.equals(SCORE)) {
            requireLabel(file, info, shape, label);
        } else {
            TensorSource.requireShape(file.toString(), info, shape);
        }
        return found;
    }

    private static void requireLabel(Path file, TensorInfo info, long[] shape, OptionalInt label) {
        long[] found = info.shape();
        if (found.length != 2 || found[1] != shape[1] || found[0] < 1 || found[0] == 1 && label.isEmpty()) {
            TensorSource.requireShape(file.toString(), info, shape);
        } else if (label.isEmpty() || label.getAsInt() >= found[0]) {
            throw new WeightsFormatException(
                    file.toString(),
                    "tensor '" + info.name() + "' is of " + found[0] + " labels"
                            + (label.isEmpty() ? "" : ", none of which is " + label.getAsInt())
                            + "; which is the reward is to be said: allowed: label 0 to " + (found[0] - 1));
        }
    }

    private static long blocks(Checkpoint source) {
        return source.names().stream()
                .map(BLOCK::matcher)
                .filter(Matcher::lookingAt)
                .map(block -> block.group(1))
                .distinct()
                .count();
    }

    private static void refuseOthers(Path file, Checkpoint source, Map<String, String> names) {
        Set<String> others = new TreeSet<>(source.names());
        others.removeAll(names.values());
        others.removeIf(name -> MASK.matcher(name).matches() || name.equals(OUTPUT_HEAD));
        String head = names.containsKey(SCORE) ? "score." : "lm_head.";
        others.stream()
                .filter(name -> OF_BODY.matcher(name).lookingAt() || name.startsWith(head))
                .findFirst()
                .ifPresent(name -> {
                    throw new WeightsFormatException(
                            file.toString(),
                            "tensor '" + name
                                    + "' is part of the model, but not of the one that the configuration describes; the"
                                    + " file's tensors are of " + blocks(source) + " blocks");
                });
        if (!others.isEmpty()) {
            LOG.warn("{}: tensors {} are not used: they are of another head than the one asked for", file, others);
        }
    }

    private static boolean isTiedPolicy(Map<String, String> names) {
        return names.containsKey(TOKEN_EMBEDDING) && HEADS.stream().noneMatch(names::containsKey);
    }

    /** An output head may be stored beside the token embeddings that it is tied to. */
    private static void requireTied(Path file, Checkpoint source, INDArray embedding) {
        if (source.names().contains(OUTPUT_HEAD)) {
            try (INDArray head = source.read(OUTPUT_HEAD)) {
                if (!head.equalsWithEps(embedding, 0)) {
                    throw new WeightsFormatException(
                            file.toString(),
                            "tensor '" + OUTPUT_HEAD + "' differs from '" + TOKEN_EMBEDDING
                                    + "', to which field 'tie_word_embeddings' of the configuration ties it; false would"
                                    + " keep them apart");
                }
            }
        }
    }

    /** Writes tensors to one file under the names that {@code from_pretrained} expects; the tied head is not repeated. */
    public static void write(Path file, Map<String, INDArray> tensors) {
        SafetensorsWriter.write(file, named(tensors));
    }

    /** The tensors under the names that {@code from_pretrained} expects. */
    static Map<String, INDArray> named(Map<String, INDArray> tensors) {
        Map<String, INDArray> named = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> named.put(HEADS.contains(name) ? name : PREFIX + name, tensor));
        return named;
    }
}
