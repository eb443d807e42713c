package org.preferencelearning.examples.own;

import static org.preferencelearning.experiments.dsl.Studies.dpo;
import static org.preferencelearning.experiments.dsl.Studies.onlineDpo;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;
import static org.preferencelearning.experiments.dsl.Studies.validationAccuracy;

import java.util.Arrays;
import org.preferencelearning.core.train.PairEvaluation;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.datasize.Measure;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.study.TextScore;

/** Metrics of one's own: of held-out pairs, and of responses. */
public final class OwnMetric {
    /** Brier score of the Bradley-Terry probability that the chosen response wins; 0 is best, 0.25 is what a coin gets. */
    public record BrierScore() implements Measure {
        @Override
        public String label() {
            return "brier";
        }

        @Override
        public double of(PairEvaluation evaluation) {
            return Arrays.stream(items(evaluation)).average().orElseThrow();
        }

        @Override
        public double[] items(PairEvaluation evaluation) {
            return Arrays.stream(evaluation.margins())
                    .map(margin -> Math.pow(1 / (1 + Math.exp(margin)), 2))
                    .toArray();
        }
    }

    /** Share of a response's words that it has said before. */
    public record Repetition() implements TextScore {
        @Override
        public String label() {
            return "repetition";
        }

        @Override
        public double of(String prompt, String response) {
            String[] words = response.strip().split(" ");
            return 1 - Arrays.stream(words).distinct().count() / (double) words.length;
        }
    }

    private OwnMetric() {}

    /** Of pairs. */
    public static DataSizeStudy pairs() {
        return TinyStudies.pairs("own metric", rewardModel(), dpo()).measure(validationAccuracy(), new BrierScore());
    }

    /** Of responses. */
    public static OnlineStudy responses() {
        return TinyStudies.online("own metric").compare(onlineDpo().beta(0.5)).measure(new Repetition());
    }

    /** Runs both. */
    public static void main(String[] args) {
        System.out.println(ResultTable.of(Runners.inMemory().run(pairs())));
        System.out.println(ResultTable.of(Runners.inMemory().run(responses())));
    }
}
