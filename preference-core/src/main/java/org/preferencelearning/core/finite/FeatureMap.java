package org.preferencelearning.core.finite;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;

/** A feature vector for each prompt and response of a finite world. Immutable. */
public final class FeatureMap {
    private final double[][][] features;

    private FeatureMap(double[][][] features) {
        this.features = features;
    }

    /**
     * Features of one prompt.
     *
     * @param rows one row per response, all of one length
     */
    public static FeatureMap of(double[][] rows) {
        return ofPrompts(new double[][][] {rows});
    }

    /**
     * Features of several prompts.
     *
     * @param features indexed by prompt, response and coordinate; rectangular, finite, no dimension of size 0
     */
    @JsonCreator
    public static FeatureMap ofPrompts(double[][][] features) {
        SettingException.require(
                features.length > 0 && features[0].length > 0 && features[0][0].length > 0,
                "features",
                "empty",
                "at least one prompt, response and coordinate");
        double[][][] copy = new double[features.length][features[0].length][];
        for (int x = 0; x < features.length; x++) {
            SettingException.require(
                    features[x].length == features[0].length,
                    "features",
                    features[x].length + " responses to prompt " + x,
                    "as many as to prompt 0: " + features[0].length);
            for (int y = 0; y < features[x].length; y++) {
                double[] row = features[x][y];
                SettingException.require(
                        row.length == features[0][0].length,
                        "features",
                        row.length + " coordinates at prompt " + x + ", response " + y,
                        String.valueOf(features[0][0].length));
                for (double value : row) {
                    SettingException.require(Double.isFinite(value), "features", value, "finite numbers");
                }
                copy[x][y] = row.clone();
            }
        }
        return new FeatureMap(copy);
    }

    /** One coordinate for each prompt and response: every function is linear in these features. */
    public static FeatureMap tabular(int prompts, int responses) {
        SettingException.requireAtLeast("prompts", prompts, 1);
        SettingException.requireAtLeast("responses", responses, 1);
        double[][][] features = new double[prompts][responses][prompts * responses];
        for (int x = 0; x < prompts; x++) {
            for (int y = 0; y < responses; y++) {
                features[x][y][x * responses + y] = 1;
            }
        }
        return new FeatureMap(features);
    }

    /** Number of prompts. */
    public int prompts() {
        return features.length;
    }

    /** Number of responses to each prompt. */
    public int responses() {
        return features[0].length;
    }

    /** Length of a feature vector. */
    public int dimension() {
        return features[0][0].length;
    }

    /** One coordinate. */
    public double get(int prompt, int response, int coordinate) {
        return features[prompt][response][coordinate];
    }

    /** Inner product of {@code theta} with the features of every response to {@code prompt}. */
    public double[] scores(int prompt, double[] theta) {
        double[] scores = new double[responses()];
        for (int y = 0; y < scores.length; y++) {
            scores[y] = dot(features[prompt][y], theta);
        }
        return scores;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** The sequence that stands for response {@code response} to prompt {@code prompt}: one token each. */
    public static TokenSequence sequence(int prompt, int response) {
        return new TokenSequence(new int[] {prompt, response}, 1);
    }

    /** Refuses what {@link #sequence} would not return for this world. */
    void check(TokenSequence sequence) {
        SettingException.require(
                sequence.length() == 2
                        && sequence.promptLength() == 1
                        && sequence.token(0) < prompts()
                        && sequence.token(1) < responses(),
                "sequence",
                sequence,
                "one prompt token below " + prompts() + " and one response token below " + responses());
    }

    @JsonValue
    double[][][] json() {
        return features;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FeatureMap map && Arrays.deepEquals(features, map.features);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(features);
    }

    @Override
    public String toString() {
        return "FeatureMap" + Arrays.deepToString(features);
    }
}
