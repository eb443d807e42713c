package org.preferencelearning.experiments.report;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.exact.ExactStudy;
import org.preferencelearning.experiments.exact.WinnerMapStudy;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.result.Interval;
import org.preferencelearning.experiments.result.Judgement;
import org.preferencelearning.experiments.result.JudgingMethod;
import org.preferencelearning.experiments.sparse.SampleComplexityStudy;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Study;

/** What a study asks and answers, in sentences. */
final class Words {
    /** Differences below this come from the order of sums. */
    private static final double ROUNDING = 1e-9;

    private static final double SMALLEST_P = 1e-3;

    private Words() {}

    /** What a study asks. */
    static String question(Study study) {
        if (study instanceof DataSizeStudy one) {
            return "Which learns more from how many preference pairs: " + either(study) + "? Models start from one"
                    + " fine-tuned policy, learn from the first n pairs of "
                    + one.dataset().label()
                    + ", and are measured on held-out ones.";
        }
        if (study instanceof OnlineStudy one) {
            return "Which leads to the better policy: " + either(study) + "? " + one.iterations()
                    + " iteration(s) of sampling, annotation and training on "
                    + one.data().label()
                    + ", where nothing, the policy, the reward or both are mis-specified.";
        }
        if (study instanceof SampleComplexityStudy one) {
            return "Who needs fewer pairs when the true reward is sparse: " + either(study) + "? A world of two tokens,"
                    + " d = " + one.world().dimension() + ", k = " + one.world().sparsity() + " (reconstructed).";
        }
        if (study instanceof WinnerMapStudy one) {
            return "Over beta and the reward's scale: which has the larger value, " + either(study) + "? "
                    + one.base().note();
        }
        if (study instanceof ExactStudy one) {
            return "Where does each method arrive when optimisation is exact? " + one.note();
        }
        return "What separates " + either(study) + "?";
    }

    private static String either(Study study) {
        List<String> methods = study.coordinates().getOrDefault(CellId.METHOD, List.of());
        return methods.size() < 2
                ? String.join("", methods)
                : String.join(", ", methods.subList(0, methods.size() - 1)) + " or " + methods.get(methods.size() - 1);
    }

    /** What a claim says, at where it was judged. */
    static String claim(Judgement judgement) {
        Claim claim = judgement.claim();
        CellId shared = claim.common();
        CellId left = claim.left().without(shared);
        CellId right = claim.right().without(shared);
        String than =
                switch (claim.relation()) {
                    case LARGER -> " has a larger " + metric(claim) + " than ";
                    case SMALLER -> " has a smaller " + metric(claim) + " than ";
                    case EQUAL -> " has the same " + metric(claim) + " as ";
                };
        String at = Stream.of(shared, judgement.at())
                .filter(id -> !id.coordinates().isEmpty())
                .map(CellId::toString)
                .collect(Collectors.joining(", "));
        String within = claim.margin() > 0 ? " (within " + Numbers.text(claim.margin()) + ")" : "";
        return left + than + right + within + (at.isEmpty() ? "" : " – " + at);
    }

    private static String metric(Claim claim) {
        return claim.metric().replace('_', ' ');
    }

    /** The effect with its interval, and how they were found. */
    static String effect(Judgement judgement) {
        double difference = judgement.difference();
        String unit = judgement.unit().isEmpty() ? "" : " " + judgement.unit();
        String what = "Difference in " + metric(judgement.claim()) + " ";
        if (judgement.method() == JudgingMethod.EXACT) {
            boolean none = Math.abs(difference) < ROUNDING;
            return what + (none ? "0" : Numbers.signed(difference)) + unit + "; nothing is random"
                    + (none && difference != 0 ? "; up to rounding" : "");
        }
        if (judgement.interval().isEmpty()) {
            return what + Numbers.signed(difference) + unit + "; one value each tells no interval";
        }
        Interval interval = judgement.interval().get();
        double half = (interval.high() - interval.low()) / 2;
        String found = what + Numbers.signed(difference, half) + unit + ", 95 % interval "
                + Numbers.signed(interval.low(), half) + " to " + Numbers.signed(interval.high(), half);
        String p = judgement.adjustedP().isPresent()
                ? ", p " + probability(judgement.adjustedP().getAsDouble()) + " adjusted for all claims"
                : "";
        return found + p + " (" + judgement.method().label() + ")" + judgement.advice();
    }

    private static String probability(double p) {
        return p < SMALLEST_P ? "< 0.001" : Numbers.width(p);
    }
}
