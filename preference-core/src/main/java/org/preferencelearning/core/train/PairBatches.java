package org.preferencelearning.core.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.LossValues;

/** How a batch of pairs is laid out for a model: all chosen sequences, then all rejected ones. */
public final class PairBatches {
    private PairBatches() {}

    /** All chosen sequences, then all rejected ones. */
    public static List<TokenSequence> sequences(List<TokenPair> batch) {
        List<TokenSequence> sequences = new ArrayList<>(2 * batch.size());
        batch.forEach(pair -> sequences.add(pair.chosen()));
        batch.forEach(pair -> sequences.add(pair.rejected()));
        return sequences;
    }

    /** The values of the chosen sequences. */
    public static double[] chosen(double[] values) {
        return Arrays.copyOf(values, values.length / 2);
    }

    /** The values of the rejected sequences. */
    public static double[] rejected(double[] values) {
        return Arrays.copyOfRange(values, values.length / 2, values.length);
    }

    /** Derivative of {@code scale} times the sum of losses by each sequence's value. */
    public static double[] upstream(LossValues values, double scale) {
        int pairs = values.perPair().length;
        double[] upstream = new double[2 * pairs];
        for (int i = 0; i < pairs; i++) {
            upstream[i] = scale * values.chosenGradient()[i];
            upstream[pairs + i] = scale * values.rejectedGradient()[i];
        }
        return upstream;
    }

    static double[] weights(List<TokenPair> batch) {
        return batch.stream().mapToDouble(TokenPair::weight).toArray();
    }

    static double[] margins(List<TokenPair> batch, boolean needed, String loss) {
        return batch.stream()
                .mapToDouble(pair -> {
                    checkMargin(pair, needed, loss);
                    return pair.margin().orElse(0);
                })
                .toArray();
    }

    static void checkMargin(TokenPair pair, boolean needed, String loss) {
        SettingException.require(
                !needed || pair.margin().isPresent(),
                "margin",
                "missing",
                "a margin on every pair: loss '" + loss + "' reads it");
    }
}
