package example;

import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.loss.LossMath;
import org.preferencelearning.core.loss.PreferenceBatch;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.testkit.PreferenceLossContract;

class MyLossTest extends PreferenceLossContract {
    record MyLoss(double beta) implements PreferenceLoss {
        @Override
        public String name() {
            return "sigmoid";
        }

        @Override
        public SDVariable perPair(PreferenceBatch batch) {
            return LossMath.logSigmoid(batch.logRatioMargin().mul(beta)).neg();
        }
    }

    @Override
    protected PreferenceLoss loss(double beta) {
        return new MyLoss(beta);
    }
}
