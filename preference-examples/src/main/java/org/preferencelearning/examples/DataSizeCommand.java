package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.flagship.Section4DataSize;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.run.LocalRunner;
import org.preferencelearning.experiments.study.DataSizeStudy;
import org.preferencelearning.experiments.study.DatasetSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Section 4's verification on pairs of a file. */
@Command(name = "data-size", description = "Reward model against DPO by number of pairs; as rm/run.sh and dpo/run.sh.")
final class DataSizeCommand implements Callable<Integer> {
    private final Output output;

    @Mixin
    private CommonOptions options;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "FILE",
            description = "Preference pairs, perhaps .gz or .xz.")
    private Path data;

    @Option(names = "--format", description = "Its schema: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private DatasetSpec.Format format = DatasetSpec.Format.HH_RLHF;

    @Option(names = "--data-size", split = ",", description = "Numbers of pairs (default: 1000,2000,4000,9000 scaled).")
    private int[] sizes;

    @Option(names = "--scale", description = "Share of those numbers (default: ${DEFAULT-VALUE}).")
    private double scale = 0.1;

    @Option(names = "--seeds", split = ",", description = "Seeds (default: 41,42,43).")
    private long[] seeds = {41, 42, 43};

    DataSizeCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        SettingException.require(scale > 0 && scale <= 1, "--scale", scale, "above 0 and at most 1");
        DataSizeStudy study = Section4DataSize.laptop(new DatasetSpec.File(format, data.toString()), scale)
                .seeds(seeds);
        if (sizes != null) {
            study = study.sizes(sizes);
        }
        StudyResult result = LocalRunner.run(study, ConsoleProgress.standard());
        Rows rows = StudyRows.of(result);
        output.result(
                ResultTable.of(result) + rows,
                Map.of("rows", rows, "cells", result.cells(), "seconds", result.seconds()),
                options.json);
        return Preference.DONE;
    }
}
