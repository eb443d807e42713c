package org.preferencelearning.examples;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.flagship.Section3Online;
import org.preferencelearning.experiments.flagship.Section4DataSize;
import org.preferencelearning.experiments.study.StudyPlan;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the published studies cost. */
@Command(name = "plan", description = "Cells, tokens, operations, memory and time of the published studies, unstarted.")
final class PlanCommand implements Callable<Integer> {
    private static final double GIGA = 1e9;

    private final Output output;

    @Mixin
    private CommonOptions options;

    @Option(names = "--gflops", description = "Speed of matrix products in GFLOP/s (default: measured now).")
    private @Nullable Double gigaflops;

    PlanCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        if (gigaflops != null) {
            SettingException.requirePositive("--gflops", gigaflops);
        }
        double speed = gigaflops == null ? Measurement.peakFlops() : gigaflops * GIGA;
        Map<String, StudyPlan> plans = new LinkedHashMap<>();
        plans.put("Section 3, online", Section3Online.plan());
        plans.put("Section 4, one of two objectives", Section4DataSize.plan());
        output.result(
                plans.entrySet().stream()
                        .map(plan -> plan.getKey() + ": " + plan.getValue().describe(speed))
                        .collect(Collectors.joining(System.lineSeparator())),
                Map.of("flopsPerSecond", speed, "plans", plans),
                options.json);
        return Preference.DONE;
    }
}
