package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.experiments.study.CatalogueLoss;
import org.preferencelearning.experiments.task.Described;

/**
 * A way to learn from annotated responses.
 *
 * @param label short name for tables
 * @param loss of the catalogue, or a record of your own
 * @param regenerates whether every iteration draws new responses from the current policy; otherwise the first iteration's
 *     are used again
 * @param learnsFromRewardModel whether its annotator is a reward model, which the reward's mis-specification weakens; the
 *     labels of other methods stay the oracle's
 */
public record OnlineMethod(String label, PreferenceLoss loss, boolean regenerates, boolean learnsFromRewardModel) {
    public OnlineMethod {
        requireNonNull(label, "label");
        loss = CatalogueLoss.written(loss);
        Described.require("loss", loss, PreferenceLoss.class);
    }

    /** A method with a loss of the catalogue, by a name of {@link PreferenceLosses}. */
    public OnlineMethod(String label, String loss, double beta, boolean regenerates, boolean learnsFromRewardModel) {
        this(label, new CatalogueLoss(loss, beta), regenerates, learnsFromRewardModel);
    }

    /** The same methods; those that are called the same and differ in beta are told apart by it. */
    static List<OnlineMethod> toldApart(List<OnlineMethod> methods) {
        return methods.stream()
                .map(method -> methods.stream()
                                .anyMatch(other ->
                                        other.label.equals(method.label) && other.loss.beta() != method.loss.beta())
                        ? method.named(method.label + ", beta " + method.loss.beta())
                        : method)
                .toList();
    }

    /** The same method with another beta of its loss of the catalogue. */
    public OnlineMethod beta(double beta) {
        return loss(CatalogueLoss.withBeta(loss, beta));
    }

    /** The same method with another loss: a record of your own. */
    public OnlineMethod loss(PreferenceLoss loss) {
        return new OnlineMethod(label, loss, regenerates, learnsFromRewardModel);
    }

    /** The same method under another name. */
    public OnlineMethod named(String label) {
        return new OnlineMethod(label, loss, regenerates, learnsFromRewardModel);
    }
}
