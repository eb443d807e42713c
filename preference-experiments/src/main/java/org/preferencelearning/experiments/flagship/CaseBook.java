package org.preferencelearning.experiments.flagship;

import static org.preferencelearning.experiments.dsl.Studies.exactPolicyGradient;
import static org.preferencelearning.experiments.dsl.Studies.exactStudy;
import static org.preferencelearning.experiments.dsl.Studies.linearIn;
import static org.preferencelearning.experiments.dsl.Studies.onPolicy;
import static org.preferencelearning.experiments.dsl.Studies.onlineDpo;
import static org.preferencelearning.experiments.dsl.Studies.pilaf;
import static org.preferencelearning.experiments.dsl.Studies.populationDpo;
import static org.preferencelearning.experiments.dsl.Studies.rlhf;
import static org.preferencelearning.experiments.exact.ExactStudy.better;
import static org.preferencelearning.experiments.exact.ExactStudy.equal;

import java.util.Arrays;
import java.util.List;
import org.preferencelearning.core.finite.FunctionClass;
import org.preferencelearning.experiments.exact.ExactMethod;
import org.preferencelearning.experiments.exact.ExactStudy;
import org.preferencelearning.experiments.exact.WinnerMapStudy;

/**
 * The conditions of Section 3 of arXiv 2505.19770, each as a study with its claims. The paper's examples were recovered only
 * in words; constructions that satisfy all of those words are reconstructed, and each study's note says so.
 */
public final class CaseBook {
    private static final String PAPER = "paper, Section 3";
    private static final String RECONSTRUCTED = "reconstructed";
    private static final String OPTIMUM = ExactMethod.Optimum.LABEL;
    private static final String BEST = ExactMethod.BestInClass.LABEL;
    private static final String RLHF = "RLHF";
    private static final String DPO = "DPO";
    private static final String PILAF = "online DPO (PILAF)";
    private static final double[][] SYMMETRIC = {{1}, {-1}, {0}};

    private CaseBook() {}

    /** Every study, at reward scale 1 and beta 0.2 where they have a scale. */
    public static List<ExactStudy> all() {
        return List.of(
                nothingMisspecified(1, 0.2),
                policyMisspecified(1, 0.2),
                rewardMisspecified(1, 0.2),
                isomorphic(1, 0.2),
                isomorphicWithoutSymmetry(),
                rewardsWithinPoliciesRlhfWins(),
                rewardsWithinPoliciesDpoWins(),
                policiesWithinRewardsRlhfWins(),
                policiesWithinRewardsDpoWins());
    }

    /** Where, over beta and the reward's scale, one method beats another, for three of the studies. */
    public static List<WinnerMapStudy> maps() {
        return List.of(
                map(policyMisspecified(1, 0.2), RLHF),
                map(rewardMisspecified(1, 0.2), RLHF),
                map(isomorphic(1, 0.2), PILAF));
    }

    private static WinnerMapStudy map(ExactStudy base, String first) {
        return WinnerMapStudy.of("map of " + base.name(), base, first, DPO);
    }

    /** Condition 1, Proposition 1: both methods reach the optimum. */
    public static ExactStudy nothingMisspecified(double reward, double beta) {
        return symmetric("1 none mis-specified", reward, beta)
                .note("Three arms; all rewards, all policies. The paper's statement, a reconstructed instance.")
                .expect(equal(RLHF, OPTIMUM, PAPER), equal(DPO, OPTIMUM, PAPER), equal(PILAF, OPTIMUM, RECONSTRUCTED));
    }

    /** Condition 2, the strict gap of appendix C.3: DPO ends at the uniform policy whatever the reward and beta. */
    public static ExactStudy policyMisspecified(double reward, double beta) {
        return symmetric("2 policy mis-specified", reward, beta)
                .policies(linearIn(SYMMETRIC))
                .note(
                        "Log-linear policies of one parameter that cannot raise both good arms. Reconstructed from the words"
                                + " of appendix C.3.")
                .expect(equal(RLHF, BEST, PAPER), better(RLHF, DPO, PAPER), better(OPTIMUM, RLHF, PAPER));
    }

    /** Condition 3: no linear reward fits, so RLHF ends at the uniform policy. */
    public static ExactStudy rewardMisspecified(double reward, double beta) {
        return symmetric("3 reward mis-specified", reward, beta)
                .rewards(linearIn(SYMMETRIC))
                .note("Linear rewards of one parameter; all policies. Reconstructed from the words of the proof.")
                .expect(equal(DPO, OPTIMUM, PAPER), better(DPO, RLHF, PAPER));
    }

    /** Condition 4, isomorphic classes: RLHF equals DPO, and online DPO can be better than both. */
    public static ExactStudy isomorphic(double reward, double beta) {
        return symmetric("4 both, isomorphic", reward, beta)
                .policies(linearIn(SYMMETRIC))
                .rewards(linearIn(SYMMETRIC))
                .note(
                        "Online DPO stands still at 0 by symmetry and leaves it if beta < (2/3) tanh(R/2). Reconstructed.")
                .expect(equal(RLHF, DPO, PAPER), better(PILAF, RLHF, PAPER));
    }

    /** The same without any symmetry: online DPO improves on where DPO ends. */
    public static ExactStudy isomorphicWithoutSymmetry() {
        double[][] psi = {{1}, {-2}, {0}};
        return methods(exactStudy("4 both, isomorphic, no symmetry", 0.5, 4, 2, 0))
                .policies(linearIn(psi))
                .rewards(linearIn(psi))
                .start(0.512)
                .note("Flows start where DPO ends. Reconstructed.")
                .expect(equal(RLHF, DPO, PAPER), better(PILAF, DPO, PAPER));
    }

    /** Rewards are a smaller class than the implicit rewards of policies, and RLHF wins. */
    public static ExactStudy rewardsWithinPoliciesRlhfWins() {
        double[][] psi = {{1, 0}, {2, 0}, {-1, 1}, {0, 1}};
        return nested("4 both, F within Pi, RLHF wins", true, psi, 0, 2, 3, 2).expect(better(RLHF, DPO, RECONSTRUCTED));
    }

    /** Rewards are a smaller class than the implicit rewards of policies, and DPO wins. */
    public static ExactStudy rewardsWithinPoliciesDpoWins() {
        double[][] psi = {{0, -1}, {1, -1}, {-2, 1}, {-1, 2}};
        return nested("4 both, F within Pi, DPO wins", true, psi, 0, 0, 0, 3).expect(better(DPO, RLHF, RECONSTRUCTED));
    }

    /** Policies are the smaller class, and RLHF wins. */
    public static ExactStudy policiesWithinRewardsRlhfWins() {
        double[][] psi = {{1, -2}, {-2, 0}, {-1, 0}, {2, 1}};
        return nested("4 both, Pi within F, RLHF wins", false, psi, 0, 3, 0, 3)
                .expect(better(RLHF, DPO, RECONSTRUCTED));
    }

    /** Policies are the smaller class, and DPO wins; online DPO ends a little below offline DPO. */
    public static ExactStudy policiesWithinRewardsDpoWins() {
        double[][] psi = {{1, 1}, {0, -2}, {2, -1}, {-1, 1}};
        return nested("4 both, Pi within F, DPO wins", false, psi, 3, 1, 0, 2)
                .expect(better(DPO, RLHF, RECONSTRUCTED), better(DPO, PILAF, RECONSTRUCTED));
    }

    private static ExactStudy nested(String name, boolean narrowRewards, double[][] psi, double... reward) {
        double[][] first = Arrays.stream(psi).map(row -> new double[] {row[0]}).toArray(double[][]::new);
        FunctionClass wide = linearIn(psi);
        FunctionClass narrow = linearIn(first);
        return methods(exactStudy(name, 0.5, reward))
                .policies(narrowRewards ? wide : narrow)
                .rewards(narrowRewards ? narrow : wide)
                .note("Nested classes have no universal order. Reconstructed by search; not the paper's examples.");
    }

    private static ExactStudy symmetric(String name, double reward, double beta) {
        return methods(exactStudy(name, beta, reward, reward, 0));
    }

    private static ExactStudy methods(ExactStudy study) {
        return study.compare(rlhf(), populationDpo(), onlineDpo(pilaf()), onlineDpo(onPolicy()), exactPolicyGradient());
    }
}
