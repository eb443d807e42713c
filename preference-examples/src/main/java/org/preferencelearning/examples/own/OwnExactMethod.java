package org.preferencelearning.examples.own;

import static org.preferencelearning.experiments.dsl.Studies.exactStudy;
import static org.preferencelearning.experiments.dsl.Studies.populationDpo;
import static org.preferencelearning.experiments.dsl.Studies.rlhf;

import java.util.OptionalDouble;
import org.preferencelearning.core.finite.Certificate;
import org.preferencelearning.core.finite.ExactFit;
import org.preferencelearning.core.finite.ExactOptimization;
import org.preferencelearning.experiments.exact.ExactMethod;
import org.preferencelearning.experiments.exact.ExactStudy;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.run.Runners;

/** A method of one's own in a study of exact optimisation. */
public final class OwnExactMethod {
    /** The best of {@code n} responses of the reference policy under the fitted reward, in closed form. */
    public record BestOf(int n) implements ExactMethod {
        @Override
        public String label() {
            return "best of " + n;
        }

        @Override
        public ExactFit fit(ExactOptimization problem, double[] start) {
            double[][] reward = problem.rewardMle().table();
            double[][] reference = problem.problem().reference();
            double[][] policy = new double[reward.length][];
            for (int x = 0; x < reward.length; x++) {
                policy[x] = new double[reward[x].length];
                for (int y = 0; y < policy[x].length; y++) {
                    double tied = mass(reward[x], reference[x], reward[x][y], true)
                            - mass(reward[x], reference[x], reward[x][y], false);
                    double wins = Math.pow(mass(reward[x], reference[x], reward[x][y], true), n)
                            - Math.pow(mass(reward[x], reference[x], reward[x][y], false), n);
                    policy[x][y] = wins * reference[x][y] / tied;
                }
            }
            return new ExactFit(new double[0], policy, new Certificate(0, 1, 1, OptionalDouble.empty()));
        }

        /** Probability that the reference's response earns less than {@code bound}, or as much. */
        private static double mass(double[] reward, double[] reference, double bound, boolean orAsMuch) {
            double sum = 0;
            for (int y = 0; y < reward.length; y++) {
                sum += reward[y] < bound || orAsMuch && reward[y] == bound ? reference[y] : 0;
            }
            return sum;
        }
    }

    private OwnExactMethod() {}

    /** The study. */
    public static ExactStudy study() {
        return exactStudy("own exact method", 0.2, 1, 0.5, 0)
                .compare(rlhf(), populationDpo(), new BestOf(1), new BestOf(4));
    }

    /** Runs it. */
    public static void main(String[] args) {
        System.out.println(ResultTable.of(Runners.inMemory().run(study())));
    }
}
