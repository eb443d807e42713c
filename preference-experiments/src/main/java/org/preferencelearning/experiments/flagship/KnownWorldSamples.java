package org.preferencelearning.experiments.flagship;

import static org.preferencelearning.experiments.dsl.Studies.dualTokenSampleStudy;
import static org.preferencelearning.experiments.dual.DualTokenSampleStudy.larger;
import static org.preferencelearning.experiments.dual.DualTokenSampleStudy.smallerError;

import org.preferencelearning.experiments.dual.DualTokenSampleStudy;
import org.preferencelearning.experiments.dual.SampleMethod;

/**
 * Section 4's question with a GPT-2 in a world that can be summed over: does a reward model or DPO know a sparse reward from
 * fewer pairs? Reconstructed: the world, the model and the sizes are this project's.
 */
public final class KnownWorldSamples {
    private static final String PAPER = "paper, Section 4, in words; world reconstructed";
    private static final String SHIFT = "arXiv 2409.03650, in words; world reconstructed";

    private KnownWorldSamples() {}

    /** 100 to 12,800 pairs, 10 seeds. Accuracy is measured and not claimed about: it is soon 1. */
    public static DualTokenSampleStudy study() {
        SampleMethod model = SampleMethod.REWARD_MODEL;
        SampleMethod dpo = SampleMethod.DPO;
        return dualTokenSampleStudy("pairs of GPT-2")
                .expect(
                        smallerError(model, dpo, PAPER),
                        larger(DualTokenSampleStudy.NEW_PROMPTS_ACCURACY, model, dpo, SHIFT));
    }
}
