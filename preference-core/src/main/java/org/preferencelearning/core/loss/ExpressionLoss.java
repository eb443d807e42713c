package org.preferencelearning.core.loss;

import java.util.function.Function;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.SettingException;

/** A loss of the catalogue: an expression, and what it reads. */
record ExpressionLoss(
        String name,
        double beta,
        Function<PreferenceBatch, SDVariable> expression,
        boolean needsMargin,
        boolean needsReference,
        boolean batchWise,
        double tailWeight,
        boolean needsAligned)
        implements PreferenceLoss {
    /** Beyond these, derivatives of losses leave float32's range. */
    private static final double MIN_BETA = 1e-6;

    private static final double MAX_BETA = 1e6;

    ExpressionLoss {
        requireBeta(beta);
    }

    static void requireBeta(double beta) {
        SettingException.requireBetween("beta", beta, MIN_BETA, MAX_BETA);
    }

    /** Reads the reference and no margin. */
    static ExpressionLoss of(String name, double beta, Function<PreferenceBatch, SDVariable> expression) {
        return new ExpressionLoss(name, beta, expression, false, true, false, 1, false);
    }

    ExpressionLoss needingMargin() {
        return new ExpressionLoss(name, beta, expression, true, needsReference, batchWise, tailWeight, needsAligned);
    }

    ExpressionLoss withoutReference() {
        return new ExpressionLoss(name, beta, expression, needsMargin, false, batchWise, tailWeight, needsAligned);
    }

    ExpressionLoss comparingPairs() {
        return new ExpressionLoss(name, beta, expression, needsMargin, needsReference, true, tailWeight, needsAligned);
    }

    /** A name that tells a setting where it is not the catalogue's. */
    static String nameWith(String name, double setting, double usual) {
        return setting == usual ? name : name + "_" + setting;
    }

    @Override
    public SDVariable perPair(PreferenceBatch batch) {
        return expression.apply(batch);
    }

    @Override
    public String toString() {
        return name + "(beta=" + beta + ")";
    }
}
