package org.preferencelearning.experiments.datasize;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import java.util.Arrays;
import org.preferencelearning.core.train.PairEvaluation;
import org.preferencelearning.experiments.task.OpenKind;

/**
 * What is measured of a trained cell on the held-out pairs. A user's own is a record, whose class and components are what a study
 * that uses it is written down with.
 */
@OpenKind
@JsonSubTypes({
    @JsonSubTypes.Type(value = Measure.Accuracy.class, name = "accuracy"),
    @JsonSubTypes.Type(value = Measure.Loss.class, name = "loss")
})
public interface Measure {
    /** Short name for tables and claims. */
    String label();

    /** The value. */
    double of(PairEvaluation evaluation);

    /** Each pair's share in it, whose mean it is; none where it is no mean over pairs. Comparisons are sharper with it. */
    default double[] items(PairEvaluation evaluation) {
        return new double[0];
    }

    /** Share of pairs whose chosen response has the higher reward, or implicit reward. Chance is 0.5. */
    record Accuracy() implements Measure {
        @Override
        public String label() {
            return "accuracy";
        }

        @Override
        public double of(PairEvaluation evaluation) {
            return evaluation.accuracy();
        }

        @Override
        public double[] items(PairEvaluation evaluation) {
            return Arrays.stream(evaluation.margins())
                    .map(margin -> margin > 0 ? 1 : 0)
                    .toArray();
        }
    }

    /** Mean loss of the method's own objective; not comparable between methods. */
    record Loss() implements Measure {
        @Override
        public String label() {
            return "loss";
        }

        @Override
        public double of(PairEvaluation evaluation) {
            return evaluation.loss();
        }
    }
}
