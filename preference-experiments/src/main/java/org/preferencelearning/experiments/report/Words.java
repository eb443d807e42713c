package org.preferencelearning.experiments.report;

import java.util.List;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.exact.ExactStudy;
import org.preferencelearning.experiments.exact.WinnerMapStudy;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.sparse.SampleComplexityStudy;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Study;

/** What a study asks, in sentences; what it answers is told by its judgements. */
final class Words {
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
}
