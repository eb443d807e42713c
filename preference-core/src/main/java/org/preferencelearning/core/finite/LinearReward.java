package org.preferencelearning.core.finite;

import java.util.List;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.TrainableRewardModel;

/** {@code r(x, y) = theta . psi(x, y)}; with {@link FeatureMap#tabular} every reward. */
public final class LinearReward extends FiniteModel implements TrainableRewardModel {
    public LinearReward(FeatureMap features, double... theta) {
        super(features, theta);
    }

    @Override
    public double[] rewards(List<TokenSequence> sequences) {
        return values(sequences);
    }

    @Override
    double value(double[] theta, int prompt, int response) {
        return features().scores(prompt, theta)[response];
    }

    @Override
    void addGradient(double[] theta, int prompt, int response, double factor, double[] gradient) {
        for (int k = 0; k < gradient.length; k++) {
            gradient[k] += factor * features().get(prompt, response, k);
        }
    }
}
