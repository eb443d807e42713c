package org.preferencelearning.examples.own;

import static org.preferencelearning.experiments.dsl.Studies.dpo;
import static org.preferencelearning.experiments.dsl.Studies.moreAccurate;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;

import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.run.Runners;

/** One method with several settings: those that differ in beta are told apart by it, others by {@code named}. */
public final class BetaSweep {
    private BetaSweep() {}

    /** The study. */
    public static DataSizeStudy study() {
        return TinyStudies.pairs(
                        "beta sweep",
                        dpo().beta(0.05),
                        dpo().beta(0.1),
                        dpo().beta(0.5),
                        rewardModel(),
                        rewardModel().dropout(0.1).named("reward model with dropout"))
                .expect(moreAccurate("reward model", "DPO, beta 0.1", "mine"));
    }

    /** Runs it. */
    public static void main(String[] args) {
        System.out.println(ResultTable.of(Runners.inMemory().run(study())));
    }
}
