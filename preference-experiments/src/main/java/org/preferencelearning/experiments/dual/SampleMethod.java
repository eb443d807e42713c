package org.preferencelearning.experiments.dual;

import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import org.preferencelearning.experiments.task.ByName;

/** What learns a reward from labelled pairs. */
@JsonSerialize(using = ByName.class)
public enum SampleMethod implements DualTokenSampleMethod {
    /** A GPT-2 with a scalar head, all weights trained. */
    REWARD_MODEL("reward model"),
    /** Only the head on the reference's frozen body: logistic regression on its hidden states. */
    REWARD_HEAD("reward model, head only"),
    /** The same with an l1 penalty, the estimator that is near optimal where the truth is sparse in what it sees. */
    REWARD_HEAD_L1("reward model, sparse head"),
    /** A policy, all weights trained, whose reward is the implicit one. */
    DPO("DPO");

    private final String label;

    SampleMethod(String label) {
        this.label = label;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public boolean implicit() {
        return this == DPO;
    }

    /** Bradley-Terry, which all of them make small; those of a head alone do so as a convex problem. */
    @Override
    public Fit start(Population world) {
        return new Fit() {
            @Override
            public double loss(PairSample pairs, double[][] scores) {
                return pairs.loss(scores);
            }

            @Override
            public double[][] gradient(PairSample pairs, double[][] scores) {
                return pairs.gradient(scores);
            }
        };
    }
}
