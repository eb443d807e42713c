package org.preferencelearning.experiments.study;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.function.UnaryOperator;
import org.preferencelearning.core.data.Criterion;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.gpt2.graph.Gpt2Config;

/**
 * A data-size study, as in the verification of Section 4: methods start from one fine-tuned model, learn from the first n
 * pairs, and are compared on held-out pairs. An inert value; each of its methods returns a changed copy.
 *
 * @param name what it is called
 * @param model shape of the model; its vocabulary is the tokenizer's
 * @param dataset where pairs come from
 * @param sizes numbers of training pairs; the first rows of the shuffled training part, the same for every seed
 * @param seeds of the order of pairs and of new parameters
 * @param methods what is compared
 * @param measures what is measured
 * @param fineTuning supervised fine-tuning of the random model on the training part's chosen responses
 * @param validationShare share of the pairs that is held out, above 0 and below 1
 * @param splitSeed NumPy's seed of the split
 */
public record DataSizeStudy(
        String name,
        Gpt2Config model,
        DatasetSpec dataset,
        List<Integer> sizes,
        List<Long> seeds,
        List<MethodSpec> methods,
        List<Measure> measures,
        TrainingSettings fineTuning,
        double validationShare,
        long splitSeed) {

    private static final ObjectMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    public DataSizeStudy {
        requireNonNull(name, "name");
        requireNonNull(model, "model");
        requireNonNull(dataset, "dataset");
        sizes = ImmutableList.copyOf(sizes);
        seeds = ImmutableList.copyOf(seeds);
        methods = ImmutableList.copyOf(methods);
        measures = ImmutableList.copyOf(measures);
        requireDistinct("sizes", sizes);
        sizes.forEach(size -> SettingException.requireAtLeast("sizes", size, 1));
        requireDistinct("seeds", seeds);
        requireDistinct("compare", methods.stream().map(MethodSpec::label).toList());
        requireDistinct("measure", measures);
        requireNonNull(fineTuning, "fineTuning");
        SettingException.require(
                validationShare > 0 && validationShare < 1, "validationShare", validationShare, "above 0 and below 1");
    }

    private static void requireDistinct(String setting, List<?> values) {
        SettingException.require(
                !values.isEmpty() && new HashSet<>(values).size() == values.size(),
                setting,
                values,
                "at least one, and none twice");
    }

    /**
     * The same study with the chosen response judged by {@code criterion}.
     *
     * @throws SettingException if the data set holds one judgement only
     */
    public DataSizeStudy objective(Criterion criterion) {
        return new DataSizeStudy(
                name,
                model,
                dataset.objective(criterion),
                sizes,
                seeds,
                methods,
                measures,
                fineTuning,
                validationShare,
                splitSeed);
    }

    /** The same study with these numbers of training pairs. */
    public DataSizeStudy sizes(int... sizes) {
        return new DataSizeStudy(
                name,
                model,
                dataset,
                Ints.asList(sizes),
                seeds,
                methods,
                measures,
                fineTuning,
                validationShare,
                splitSeed);
    }

    /** The same study with these seeds. */
    public DataSizeStudy seeds(long... seeds) {
        return new DataSizeStudy(
                name,
                model,
                dataset,
                sizes,
                Longs.asList(seeds),
                methods,
                measures,
                fineTuning,
                validationShare,
                splitSeed);
    }

    /** The same study of these methods. */
    public DataSizeStudy compare(MethodSpec... methods) {
        return new DataSizeStudy(
                name, model, dataset, sizes, seeds, List.of(methods), measures, fineTuning, validationShare, splitSeed);
    }

    /** The same study with every method trained otherwise. */
    public DataSizeStudy training(UnaryOperator<TrainingSettings> change) {
        return new DataSizeStudy(
                name,
                model,
                dataset,
                sizes,
                seeds,
                methods.stream().map(method -> method.training(change)).toList(),
                measures,
                fineTuning,
                validationShare,
                splitSeed);
    }

    /** The same study measuring this. */
    public DataSizeStudy measure(Measure... measures) {
        return new DataSizeStudy(
                name, model, dataset, sizes, seeds, methods, List.of(measures), fineTuning, validationShare, splitSeed);
    }

    /** The same study with the model fine-tuned otherwise before the methods start. */
    public DataSizeStudy fineTuning(UnaryOperator<TrainingSettings> change) {
        return new DataSizeStudy(
                name,
                model,
                dataset,
                sizes,
                seeds,
                methods,
                measures,
                change.apply(fineTuning),
                validationShare,
                splitSeed);
    }

    /** The same study holding out another share of the pairs. */
    public DataSizeStudy validationShare(double share) {
        return new DataSizeStudy(name, model, dataset, sizes, seeds, methods, measures, fineTuning, share, splitSeed);
    }

    /** Number of cells: methods times sizes times seeds. */
    public int cells() {
        return methods.size() * sizes.size() * seeds.size();
    }

    /** The study as JSON; {@link #fromJson} reads it back. */
    public String toJson() {
        try {
            return MAPPER.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws DataFormatException if it is not a study
     */
    public static DataSizeStudy fromJson(String json) {
        try {
            return MAPPER.readValue(json, DataSizeStudy.class);
        } catch (JsonProcessingException e) {
            throw new DataFormatException("study", 0, e.getOriginalMessage(), e);
        }
    }

    /** SHA-256 of {@link #toJson}. */
    public String fingerprint() {
        return Hashing.sha256().hashString(toJson(), StandardCharsets.UTF_8).toString();
    }
}
