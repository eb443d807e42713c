package org.preferencelearning.examples;

import static org.preferencelearning.experiments.dsl.Studies.dataSizeStudy;
import static org.preferencelearning.experiments.dsl.Studies.dpo;
import static org.preferencelearning.experiments.dsl.Studies.nanoGpt2;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;
import static org.preferencelearning.experiments.dsl.Studies.sampleComplexityStudy;
import static org.preferencelearning.experiments.dsl.Studies.sparseTextWorld;
import static org.preferencelearning.experiments.dsl.Studies.validationAccuracy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.flagship.KnownWorldExact;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.experiments.world.SparseTextWorld;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A first study: which learns more from few preference pairs, a reward model or DPO? */
@Command(
        name = "quickstart",
        description = "Exact optimisation, a sparse reward, and a nano GPT-2: compare reward models with DPO.")
final class QuickstartCommand implements Callable<Integer> {
    private static final int WORLD_PAIRS = 1000;

    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private ComputingOptions computing;

    @Mixin
    private OwnPairsOptions own;

    @Option(names = "--sizes", split = ",", description = "Numbers of training pairs (default: depends on the data).")
    private @Nullable List<Integer> sizes;

    @Option(names = "--seeds", description = "How many seeds, from --seed on (default: 3, or 1 with --data).")
    private @Nullable Integer seeds;

    @Option(names = "--seed", description = "The first seed of the study's cells (default: ${DEFAULT-VALUE}).")
    private long seed = 41;

    @Option(names = "--max-length", description = "Longest sequence, in tokens (default: ${DEFAULT-VALUE}).")
    private int maxLength = 256;

    @Mixin
    private StudyRunOptions run;

    QuickstartCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        run.check();
        Optional<DatasetSpec> data = own.dataset();
        DataSizeStudy study = study(data.orElseGet(() -> sparseTextWorld(SparseTextWorld.standard(), WORLD_PAIRS)));
        if (data.isEmpty()) {
            output.text("1. Exact optimisation: when each method wins (Section 3; 'preference exact' says more)\n");
            output.text(ExactCommand.values(ExactCommand.caseBook(run)));
            output.text("2. Few pairs, sparse reward (Section 4; 'preference sparse' says more)\n");
            output.text(SparseCommand.errors(run.run(sampleComplexityStudy("sparse"), "sparse")));
            output.text("3. A nano GPT-2 on pairs from a small text world\n");
        }
        StudyResult result = run.run(study, "language-model");
        Rows rows = StudyRows.of(result);
        Map<String, Object> json = StudyRunOptions.json(result);
        json.put("rows", rows);
        String text = ResultTable.of(result).toString() + rows;
        if (data.isEmpty()) {
            output.text(text);
            output.text("4. When each method wins, asked of a GPT-2 (Section 3; 'preference exact-gpt2' says more)\n");
            StudyResult exact = run.run(
                    KnownWorldExact.smallest()
                            .seeds(study.seeds().stream()
                                    .mapToLong(Long::longValue)
                                    .toArray()),
                    "exact-gpt2");
            json.put("exactGpt2", StudyRunOptions.json(exact));
            text = ResultTable.of(exact).toString();
        }
        output.result(text + run.place(), json, options.json);
        return Preference.DONE;
    }

    private DataSizeStudy study(DatasetSpec dataset) {
        boolean world = dataset instanceof DatasetSpec.World;
        return dataSizeStudy("rm-against-dpo")
                .model(nanoGpt2())
                .dataset(dataset)
                .sizes(
                        sizes == null
                                ? defaultSizes(world)
                                : sizes.stream().mapToInt(Integer::intValue).toArray())
                .seeds(Seeds.from(seed, seeds == null ? (world ? 3 : 1) : seeds))
                .compare(rewardModel().maxLength(maxLength), dpo().maxLength(maxLength))
                .training(settings -> settings.withLearningRate(5e-4).withBatchSize(8, world ? 8 : 2))
                .fineTuning(settings -> settings.withEpochs(world ? 3 : 1)
                        .withBatchSize(16, world ? 16 : 4)
                        .withLearningRate(1e-3))
                .validationShare(world ? 0.3 : 0.1)
                .measure(validationAccuracy())
                .expect(Claim.larger(
                        "accuracy", CellId.method("reward model"), CellId.method("DPO"), "paper, Section 4, in words"));
    }

    private static int[] defaultSizes(boolean world) {
        return world ? new int[] {100, 200, 400} : new int[] {250, 500};
    }
}
