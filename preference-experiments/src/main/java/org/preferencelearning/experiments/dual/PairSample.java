package org.preferencelearning.experiments.dual;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.preferencelearning.core.random.RandomSource;

/**
 * Labelled pairs of responses. The arrays are not to be changed.
 *
 * @param prompts of each pair, counted from 0
 * @param chosen response of each pair, its place in tables
 * @param rejected response of each pair
 */
public record PairSample(int[] prompts, int[] chosen, int[] rejected) {
    /**
     * Draws pairs of different responses from the reference policy, labelled by the true reward's Bradley-Terry probabilities.
     * The first n of a larger sample are the sample of n.
     *
     * @param among how many of the prompts, the first ones, are drawn from
     * @param noise probability that a label is turned round
     */
    static PairSample draw(Population population, int size, int among, double noise, RandomSource random) {
        double[][] reference = population.referenceLog();
        double[][] reward = population.reward();
        for (int x = 0; x < among; x++) {
            for (int y = 0; y < reference[x].length; y++) {
                reference[x][y] = Math.exp(reference[x][y]);
            }
        }
        PairSample sample = new PairSample(new int[size], new int[size], new int[size]);
        for (int i = 0; i < size; i++) {
            int x = random.nextInt(among);
            int y = random.nextCategorical(reference[x]);
            int z = random.nextCategorical(reference[x]);
            while (y == z) {
                z = random.nextCategorical(reference[x]);
            }
            double margin = reward[x][y] - reward[x][z];
            boolean first = random.nextBernoulli(1 / (1 + Math.exp(-margin))) != random.nextBernoulli(noise);
            sample.prompts[i] = x;
            sample.chosen[i] = first ? y : z;
            sample.rejected[i] = first ? z : y;
        }
        return sample;
    }

    /** How many. */
    public int size() {
        return prompts.length;
    }

    /** Those whose place has this remainder, or all others. */
    PairSample every(int divisor, boolean with) {
        int[] kept = IntStream.range(0, size())
                .filter(i -> (i % divisor == divisor - 1) == with)
                .toArray();
        return new PairSample(pick(prompts, kept), pick(chosen, kept), pick(rejected, kept));
    }

    private static int[] pick(int[] values, int... places) {
        return Arrays.stream(places).map(i -> values[i]).toArray();
    }

    /** A table's entry for each pair's chosen response. */
    public double[] ofChosen(double[][] table) {
        return IntStream.range(0, size())
                .mapToDouble(i -> table[prompts[i]][chosen[i]])
                .toArray();
    }

    /** A table's entry for each pair's rejected response. */
    public double[] ofRejected(double[][] table) {
        return IntStream.range(0, size())
                .mapToDouble(i -> table[prompts[i]][rejected[i]])
                .toArray();
    }

    /**
     * The table of such sums as gradients are: what each pair gives its chosen and its rejected response.
     *
     * @param like of the table's shape
     */
    public double[][] collect(double[][] like, double[] ofChosen, double[] ofRejected) {
        double[][] table = new double[like.length][];
        Arrays.setAll(table, x -> new double[like[x].length]);
        for (int i = 0; i < size(); i++) {
            table[prompts[i]][chosen[i]] += ofChosen[i];
            table[prompts[i]][rejected[i]] += ofRejected[i];
        }
        return table;
    }

    /** Mean Bradley-Terry loss of scores. */
    public double loss(double[][] scores) {
        double sum = 0;
        for (int i = 0; i < size(); i++) {
            double margin = scores[prompts[i]][chosen[i]] - scores[prompts[i]][rejected[i]];
            sum += Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
        }
        return sum / size();
    }

    /** Its gradient by the scores. */
    public double[][] gradient(double[][] scores) {
        double[][] gradient = new double[scores.length][scores[0].length];
        for (int i = 0; i < size(); i++) {
            double margin = scores[prompts[i]][chosen[i]] - scores[prompts[i]][rejected[i]];
            double slope = 1 / (1 + Math.exp(margin)) / size();
            gradient[prompts[i]][chosen[i]] -= slope;
            gradient[prompts[i]][rejected[i]] += slope;
        }
        return gradient;
    }

    /** Mean squared error of margins: the squared data-induced semi-norm of scores less the true reward. */
    double error(double[][] scores, double[][] reward) {
        double sum = 0;
        for (int i = 0; i < size(); i++) {
            int x = prompts[i];
            double error =
                    scores[x][chosen[i]] - scores[x][rejected[i]] - (reward[x][chosen[i]] - reward[x][rejected[i]]);
            sum += error * error;
        }
        return sum / size();
    }
}
