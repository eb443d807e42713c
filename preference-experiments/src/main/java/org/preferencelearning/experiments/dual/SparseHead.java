package org.preferencelearning.experiments.dual;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;

/**
 * The scalar head of a reward model on a frozen body, fitted as the convex problem that it is: l1-penalised logistic regression
 * of labels on differences of hidden states, by accelerated proximal gradient steps (FISTA, Beck and Teboulle 2009, restarted as O'Donoghue and Candes 2015).
 */
final class SparseHead {
    private static final int STEPS = 2000;

    /** Of {@code sqrt(2 log d / n)}, the theory's rate of the penalty; the one that is best on held-out pairs is taken. */
    private static final double[] PENALTIES = {0.003, 0.01, 0.03, 0.1};

    private final double[][][] features;

    /** @param features by prompt, response and coordinate */
    SparseHead(double[][][] features) {
        this.features = features;
    }

    /**
     * The hidden states that a head sees: a reward model whose head is one coordinate gives that coordinate.
     *
     * @param model whose head is left as the last coordinate
     */
    static SparseHead of(DualTokenText world, Gpt2RewardModel model) {
        Parameter head = model.parameters().get("score.weight");
        int width = model.config().width();
        double[][][] features = new double[world.prompts()][world.responses()][width];
        for (int k = 0; k < width; k++) {
            head.value().assign(0);
            head.value().putScalar(0, k, 1);
            for (int x = 0; x < world.prompts(); x++) {
                int prompt = x;
                double[] values = model.rewards(IntStream.range(0, world.responses())
                        .mapToObj(y -> new TokenSequence(new int[] {prompt, y / world.words(), y % world.words()}, 1))
                        .toList());
                for (int y = 0; y < values.length; y++) {
                    features[x][y][k] = values[y];
                }
            }
        }
        return new SparseHead(features);
    }

    /** The scores of the fitted head: without a penalty, or with the best one. */
    double[][] fit(PairSample training, PairSample heldOut, boolean sparse) {
        double rate = Math.sqrt(2 * Math.log(features[0][0].length) / training.size());
        double[] penalties =
                sparse ? Arrays.stream(PENALTIES).map(share -> share * rate).toArray() : new double[] {0};
        double[][] best = null;
        for (double penalty : penalties) {
            double[][] scores = scores(head(training, penalty));
            if (best == null || heldOut.loss(scores) < heldOut.loss(best)) {
                best = scores;
            }
        }
        return requireNonNull(best, "best");
    }

    /** Minimises the mean loss plus {@code penalty} times the sum of absolute values. */
    double[] head(PairSample pairs, double penalty) {
        int width = features[0][0].length;
        double[][] differences = new double[pairs.size()][width];
        double largest = 0;
        for (int i = 0; i < differences.length; i++) {
            double[] chosen = features[pairs.prompts()[i]][pairs.chosen()[i]];
            double[] rejected = features[pairs.prompts()[i]][pairs.rejected()[i]];
            double squares = 0;
            for (int k = 0; k < width; k++) {
                differences[i][k] = chosen[k] - rejected[k];
                squares += differences[i][k] * differences[i][k];
            }
            largest = Math.max(largest, squares);
        }
        double step = 4 / largest;
        double[] head = new double[width];
        double[] ahead = head.clone();
        double momentum = 1;
        for (int i = 0; i < STEPS; i++) {
            double[] gradient = gradient(differences, ahead);
            double[] moved = new double[width];
            double against = 0;
            for (int k = 0; k < width; k++) {
                double free = ahead[k] - step * gradient[k];
                moved[k] = Math.signum(free) * Math.max(0, Math.abs(free) - step * penalty);
                against += (ahead[k] - moved[k]) * (moved[k] - head[k]);
            }
            // momentum that leads uphill is forgotten
            momentum = against > 0 ? 1 : momentum;
            double next = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
            for (int k = 0; k < width; k++) {
                ahead[k] = moved[k] + (momentum - 1) / next * (moved[k] - head[k]);
                head[k] = moved[k];
            }
            momentum = next;
        }
        return head;
    }

    private static double[] gradient(double[][] differences, double[] head) {
        double[] gradient = new double[head.length];
        for (double[] difference : differences) {
            double slope = 1 / (1 + Math.exp(dot(difference, head))) / differences.length;
            for (int k = 0; k < head.length; k++) {
                gradient[k] -= slope * difference[k];
            }
        }
        return gradient;
    }

    /** What a head gives. */
    double[][] scores(double[] head) {
        return Arrays.stream(features)
                .map(rows ->
                        Arrays.stream(rows).mapToDouble(row -> dot(row, head)).toArray())
                .toArray(double[][]::new);
    }

    private static double dot(double[] one, double[] other) {
        double sum = 0;
        for (int k = 0; k < one.length; k++) {
            sum += one[k] * other[k];
        }
        return sum;
    }
}
