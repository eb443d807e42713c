package org.preferencelearning.core.loss;

import static org.preferencelearning.core.loss.LossMath.logSigmoid;

import java.util.function.Function;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.SettingException;

/** The catalogue of reward-model losses; {@code c} and {@code r} are the rewards of chosen and rejected. */
public final class RewardLosses {
    private RewardLosses() {}

    /** Bradley-Terry: {@code -LS(c - r)}. */
    public static RewardLoss bradleyTerry() {
        return new ExpressionLoss(
                "bradley_terry", b -> logSigmoid(b.chosen().sub(b.rejected())).neg(), false);
    }

    /** Bradley-Terry with margin: {@code -LS(c - r - m)}. Touvron et al. 2023 (Llama 2), equation 2. */
    public static RewardLoss bradleyTerryWithMargin() {
        return new ExpressionLoss(
                "bradley_terry_margin",
                b -> logSigmoid(b.chosen().sub(b.rejected()).sub(b.margin())).neg(),
                true);
    }

    /**
     * {@code loss + coefficient * (c + r)^2}: keeps rewards centred on 0. TRL recommends 0.01.
     *
     * @param coefficient 1e-12 to 1e6
     */
    public static RewardLoss centred(RewardLoss loss, double coefficient) {
        SettingException.requireBetween("coefficient", coefficient, 1e-12, 1e6);
        return new ExpressionLoss(
                loss.name() + "_centred",
                b -> {
                    SDVariable sum = b.chosen().add(b.rejected());
                    return loss.perPair(b).add(sum.mul(sum).mul(coefficient));
                },
                loss.needsMargin());
    }

    private record ExpressionLoss(String name, Function<RewardBatch, SDVariable> expression, boolean needsMargin)
            implements RewardLoss {
        @Override
        public SDVariable perPair(RewardBatch batch) {
            return expression.apply(batch);
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
