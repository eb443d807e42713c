package org.preferencelearning.examples.own;

import static org.preferencelearning.experiments.dsl.Studies.dualTokenSampleStudy;

import org.preferencelearning.experiments.dual.DualTokenSampleMethod;
import org.preferencelearning.experiments.dual.DualTokenSampleStudy;
import org.preferencelearning.experiments.dual.DualTokenText;
import org.preferencelearning.experiments.dual.Population;
import org.preferencelearning.experiments.dual.SampleLoss;
import org.preferencelearning.experiments.dual.SampleMethod;
import org.preferencelearning.experiments.dual.WordModel;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.run.Runners;

/** A method and a loss of one's own in a study of how many pairs a GPT-2 needs. */
public final class OwnSampleMethod {
    /** A reward model that makes the square of what margins lack small. */
    public record SquaredHinge(double margin) implements DualTokenSampleMethod {
        @Override
        public String label() {
            return "reward model, hinge " + margin;
        }

        @Override
        public boolean implicit() {
            return false;
        }

        @Override
        public Fit start(Population world) {
            return Fit.ofMargins(m -> Math.pow(Math.max(0, margin - m), 2), m -> -2 * Math.max(0, margin - m));
        }
    }

    private OwnSampleMethod() {}

    /** The study. */
    public static DualTokenSampleStudy study() {
        return dualTokenSampleStudy("own methods on samples of GPT-2")
                .world(new DualTokenText(5, 3, 2, 2, 0, 0))
                .model(new WordModel(16, 2, 2))
                .compare(
                        SampleMethod.REWARD_MODEL,
                        new SquaredHinge(3),
                        new SampleLoss(new OwnLoss.SaturatingDpo(0.25, 8)))
                .sizes(2000)
                .seeds(41, 42);
    }

    /** Runs it. */
    public static void main(String[] args) {
        System.out.println(ResultTable.of(Runners.inMemory().run(study())));
    }
}
