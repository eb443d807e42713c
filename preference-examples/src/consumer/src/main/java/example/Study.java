package example;

import static org.preferencelearning.experiments.dsl.Studies.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.graph.Gpt2Config;

/** A study in seconds; prints its table, and writes it to a file too. */
public final class Study {
    public static void main(String[] arguments) throws IOException {
        DataSizeStudy study = dataSizeStudy("rm-against-dpo")
                .model(gpt2(new Gpt2Config(100, 32, 16, 1, 2, 1e-5, 99)))
                .dataset(sparseTextWorld(SparseTextWorld.standard(), 60))
                .sizes(8)
                .seeds(1)
                .compare(rewardModel().maxLength(32), dpo().maxLength(32))
                .training(settings -> settings.withEpochs(1).withLearningRate(1e-3))
                .validationShare(0.2)
                .measure(validationAccuracy());
        String table = ResultTable.of(Runners.inMemory().run(study));
        Files.writeString(Path.of(arguments[0]), table);
        System.out.print(table);
    }
}
