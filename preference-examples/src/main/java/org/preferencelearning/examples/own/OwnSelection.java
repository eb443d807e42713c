package org.preferencelearning.examples.own;

import static org.preferencelearning.experiments.dsl.Studies.onlineDpo;

import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.online.PairSelector;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.run.Runners;

/** A selection of one's own: which two of a prompt's responses are compared. */
public final class OwnSelection {
    /** The two whose rewards differ most without differing by more than {@code most}; the first two if there are none. */
    public record ModestGap(double most) implements PairSelector {
        @Override
        public Pair select(double[] rewards, int[] lengths) {
            Pair best = new Pair(0, 1);
            double widest = -1;
            for (int i = 0; i < rewards.length; i++) {
                for (int j = i + 1; j < rewards.length; j++) {
                    double gap = Math.abs(rewards[i] - rewards[j]);
                    if (gap <= most && gap > widest) {
                        widest = gap;
                        best = new Pair(i, j);
                    }
                }
            }
            return best;
        }
    }

    private OwnSelection() {}

    /** The study. */
    public static OnlineStudy study() {
        return TinyStudies.online("own selection")
                .sampling(settings -> settings.withSamplesPerPrompt(4))
                .selection(new ModestGap(2))
                .compare(onlineDpo().beta(0.5));
    }

    /** Runs it. */
    public static void main(String[] args) {
        System.out.println(ResultTable.of(Runners.inMemory().run(study())));
    }
}
