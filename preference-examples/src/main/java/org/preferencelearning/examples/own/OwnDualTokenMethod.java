package org.preferencelearning.examples.own;

import static org.preferencelearning.experiments.dsl.Studies.dualTokenStudy;

import org.preferencelearning.core.finite.Sampler;
import org.preferencelearning.experiments.dual.DualMethod;
import org.preferencelearning.experiments.dual.DualTokenMethod;
import org.preferencelearning.experiments.dual.DualTokenStudy;
import org.preferencelearning.experiments.dual.DualTokenText;
import org.preferencelearning.experiments.dual.Misspecification;
import org.preferencelearning.experiments.dual.Population;
import org.preferencelearning.experiments.dual.PopulationLoss;
import org.preferencelearning.experiments.dual.Rounds;
import org.preferencelearning.experiments.dual.WordModel;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.run.Runners;

/** A method and a loss of one's own in a study of a GPT-2 whose values are exact. */
public final class OwnDualTokenMethod {
    /** DPO, of whose pairs a share are the policy's own and the others the reference policy's. */
    public record PartlyOnline(double share) implements DualTokenMethod {
        @Override
        public String label() {
            return "DPO, " + share + " online";
        }

        @Override
        public Slope start(Given given) {
            Population world = given.world();
            return log -> Population.sum(
                    share,
                    world.directGradient(log, Sampler.ON_POLICY),
                    1 - share,
                    world.directGradient(log, Sampler.REFERENCE));
        }
    }

    private OwnDualTokenMethod() {}

    /** The study. */
    public static DualTokenStudy study() {
        return tiny("own method of GPT-2").compare(DualMethod.DPO, new PartlyOnline(0), new PartlyOnline(0.5));
    }

    /** The same with a loss of one's own, over pairs of the reference policy and of the policy itself. */
    public static DualTokenStudy loss() {
        OwnLoss.SaturatingDpo loss = new OwnLoss.SaturatingDpo(0.25, 4);
        return tiny("own loss of GPT-2")
                .compare(DualMethod.DPO, new PopulationLoss(loss), new PopulationLoss(loss, Sampler.ON_POLICY));
    }

    private static DualTokenStudy tiny(String name) {
        return dualTokenStudy(name)
                .world(new DualTokenText(6, 2, 2, 0.5, 0.3, 3))
                .model(new WordModel(16, 2, 2))
                .under(Misspecification.POLICY)
                .rounds(new Rounds(50, 4, 1e-3))
                .learningRate(3e-3)
                .seeds(41);
    }

    /** Runs them. */
    public static void main(String[] args) {
        System.out.println(ResultTable.of(Runners.inMemory().run(study())));
        System.out.println(ResultTable.of(Runners.inMemory().run(loss())));
    }
}
