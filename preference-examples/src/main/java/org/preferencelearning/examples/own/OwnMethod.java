package org.preferencelearning.examples.own;

import static org.preferencelearning.experiments.dsl.Studies.dpo;
import static org.preferencelearning.experiments.dsl.Studies.method;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;

import java.util.List;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.study.PairLearner;
import org.preferencelearning.experiments.study.PairMethod;
import org.preferencelearning.gpt2.model.Gpt2Policy;

/** A third method beside the reward model and DPO. */
public final class OwnMethod {
    /** Trains on the chosen responses alone, and ranks by mean log-probability of a token. */
    public record RankByLikelihood() implements PairMethod {
        @Override
        public String label() {
            return "likelihood";
        }

        @Override
        public PairLearner learner(Gpt2Policy policy, ReferencePolicy reference, RandomSource random) {
            PreferenceObjective chosenOnly =
                    new PreferenceObjective(policy, ReferencePolicy.none(), PreferenceLosses.raft(1));
            return new PairLearner(chosenOnly, pairs -> pairs.stream()
                    .mapToDouble(pair -> perToken(policy, pair.chosen()) - perToken(policy, pair.rejected()))
                    .toArray());
        }

        private static double perToken(Gpt2Policy policy, TokenSequence sequence) {
            return policy.logProbabilities(List.of(sequence))[0] / sequence.responseLength();
        }
    }

    private OwnMethod() {}

    /** The study. */
    public static DataSizeStudy study() {
        return TinyStudies.pairs("own method", rewardModel(), dpo(), method(new RankByLikelihood()));
    }

    /** Runs it. */
    public static void main(String[] args) {
        System.out.println(ResultTable.of(Runners.inMemory().run(study())));
    }
}
