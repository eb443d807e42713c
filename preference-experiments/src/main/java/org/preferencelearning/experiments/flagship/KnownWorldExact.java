package org.preferencelearning.experiments.flagship;

import static org.preferencelearning.experiments.dsl.Studies.dualTokenStudy;
import static org.preferencelearning.experiments.dual.DualTokenStudy.better;
import static org.preferencelearning.experiments.dual.DualTokenStudy.equal;

import java.util.List;
import org.preferencelearning.experiments.dual.DualMethod;
import org.preferencelearning.experiments.dual.DualTokenStudy;
import org.preferencelearning.experiments.dual.DualTokenText;
import org.preferencelearning.experiments.dual.Misspecification;
import org.preferencelearning.experiments.dual.Rounds;
import org.preferencelearning.experiments.dual.WordModel;
import org.preferencelearning.experiments.study.Claim;

/**
 * Section 3's statements about exact optimisation, asked of a GPT-2 in a world that can be summed over. Statements are the
 * paper's; the world, the model and their size are reconstructed.
 */
public final class KnownWorldExact {
    /** Up to which values count as equal: a hundredth of what separates methods where they are not. */
    private static final double MARGIN = 0.02;

    private static final String PAPER = "paper, Section 3; world reconstructed";
    private static final String RECONSTRUCTED = "reconstructed";

    private KnownWorldExact() {}

    /**
     * Every condition and method, 8 seeds, learning rates chosen on another. Nothing is claimed about frozen embeddings and
     * blocks, as searches there end in different places. The seeds are others than those on which the claims were tried out.
     */
    public static DualTokenStudy full() {
        return dualTokenStudy("exact GPT-2, full")
                .rounds(new Rounds(100, 20, 1e-4))
                .seeds(401, 402, 403, 404, 405, 406, 407, 408)
                .starts(4)
                .expect(claims().toArray(Claim[]::new))
                .expect(
                        equal(
                                Misspecification.NONE,
                                DualMethod.POLICY_GRADIENT,
                                DualMethod.RLHF,
                                MARGIN,
                                RECONSTRUCTED),
                        better(Misspecification.POLICY, DualMethod.REINFORCE, DualMethod.DPO, RECONSTRUCTED));
    }

    /** The conditions of the paper with the methods that it compares, 5 seeds. */
    public static DualTokenStudy study() {
        return brief("exact GPT-2").seeds(41, 42, 43, 44, 45);
    }

    /**
     * The same with 3 seeds, fewer methods, and fewer words, for a first look in seconds. Only the paper's statements are asked:
     * at the learning rate that is this fast, online DPO loses a good answer in some worlds.
     */
    public static DualTokenStudy smallest() {
        DualTokenStudy study = brief("exact GPT-2, smallest")
                .withoutClaims()
                .world(new DualTokenText(6, 2, 2, 0.5, 0.3, 3))
                .model(new WordModel(16, 2, 2))
                .compare(DualMethod.RLHF, DualMethod.DPO, DualMethod.PILAF, DualMethod.OPTIMUM)
                .starts(3)
                .seeds(41, 42, 43);
        return study.expect(claims().stream()
                .filter(claim -> claim.source().equals(PAPER) && claim.isAnswerableBy(study))
                .toArray(Claim[]::new));
    }

    private static DualTokenStudy brief(String name) {
        return dualTokenStudy(name)
                .under(
                        Misspecification.NONE,
                        Misspecification.POLICY,
                        Misspecification.REWARD,
                        Misspecification.BOTH_ISOMORPHIC)
                .compare(
                        DualMethod.RLHF,
                        DualMethod.DPO,
                        DualMethod.ONLINE_DPO,
                        DualMethod.PILAF,
                        DualMethod.BEST_IN_CLASS,
                        DualMethod.OPTIMUM)
                .learningRate(3e-3)
                .starts(4)
                .expect(claims().toArray(Claim[]::new));
    }

    /** What the paper says of exact optimisation, and what is expected of online DPO. */
    private static List<Claim> claims() {
        return List.of(
                equal(Misspecification.NONE, DualMethod.RLHF, DualMethod.DPO, MARGIN, PAPER),
                equal(Misspecification.NONE, DualMethod.RLHF, DualMethod.OPTIMUM, MARGIN, PAPER),
                equal(Misspecification.NONE, DualMethod.PILAF, DualMethod.OPTIMUM, MARGIN, RECONSTRUCTED),
                better(Misspecification.POLICY, DualMethod.RLHF, DualMethod.DPO, PAPER),
                equal(Misspecification.POLICY, DualMethod.RLHF, DualMethod.BEST_IN_CLASS, MARGIN, PAPER),
                better(Misspecification.REWARD, DualMethod.DPO, DualMethod.RLHF, PAPER),
                equal(Misspecification.REWARD, DualMethod.DPO, DualMethod.OPTIMUM, MARGIN, PAPER),
                equal(Misspecification.BOTH_ISOMORPHIC, DualMethod.RLHF, DualMethod.DPO, MARGIN, PAPER),
                better(Misspecification.BOTH_ISOMORPHIC, DualMethod.PILAF, DualMethod.RLHF, PAPER),
                better(Misspecification.BOTH_ISOMORPHIC, DualMethod.ONLINE_DPO, DualMethod.DPO, PAPER));
    }
}
