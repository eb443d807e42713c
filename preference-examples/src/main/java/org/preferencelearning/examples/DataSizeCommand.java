package org.preferencelearning.examples;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.data.Criterion;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.flagship.Section4DataSize;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.DatasetSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Section 4's verification on pairs of a file. */
@Command(name = "data-size", description = "Reward model against DPO by number of pairs; as rm/run.sh and dpo/run.sh.")
final class DataSizeCommand implements Callable<Integer> {
    private static final double LAPTOP_SHARE = 0.1;

    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private OwnPairsOptions own;

    @Mixin
    private ComputingOptions computing;

    @Option(names = "--data-size", split = ",", description = "Numbers of pairs (default: 1000,2000,4000,9000 scaled).")
    private int @Nullable [] sizes;

    @Option(names = "--scale", description = "Share of those numbers (default: 0.1, with --preset 1).")
    private @Nullable Double scale;

    @Option(names = "--seeds", split = ",", description = "Seeds (default: 41,42,43).")
    private long[] seeds = {41, 42, 43};

    DataSizeCommand(Output output) {
        this.output = output;
    }

    @Mixin
    private PublishedOptions published;

    @Option(names = "--objective", description = "With --preset: better or safer (default: better).")
    private @Nullable Criterion objective;

    @Mixin
    private StudyRunOptions run;

    @Override
    public Integer call() {
        double share = scale == null ? (published.preset().isEmpty() ? LAPTOP_SHARE : 1) : scale;
        SettingException.require(share > 0 && share <= 1, "--scale", share, "above 0 and at most 1");
        DataSizeStudy study = whole(share).seeds(seeds);
        if (sizes != null) {
            study = study.sizes(sizes);
        }
        study = study.on(published.modelOr(study.model()), study.dataset());
        StudyResult result = run.run(study);
        Rows rows = StudyRows.of(result);
        Map<String, Object> json = StudyRunOptions.json(result);
        json.put("rows", rows);
        output.result(ResultTable.of(result) + rows + run.place(), json, options.json);
        return Preference.DONE;
    }

    private DataSizeStudy whole(double share) {
        DatasetSpec file = own.dataset().orElse(null);
        if (published.preset().isEmpty()) {
            SettingException.require(objective == null, "--objective", objective, "nothing without --preset");
            SettingException.require(file != null, "--data", "missing", "a file of pairs, or --preset");
            return Section4DataSize.laptop(requireNonNull(file, "file"), share);
        }
        DataSizeStudy study = Section4DataSize.studies().get(objective == Criterion.SAFER ? 1 : 0);
        return published
                .preset()
                .get()
                .of(file == null ? study : study.on(study.model(), file))
                .scale(share);
    }
}
