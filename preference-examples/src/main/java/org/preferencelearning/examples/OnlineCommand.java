package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.flagship.KnownWorldOnline;
import org.preferencelearning.experiments.flagship.Section3Online;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.online.OnlineResult;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.online.OnlineTable;
import org.preferencelearning.experiments.run.OnlineRunner;
import org.preferencelearning.experiments.study.DatasetSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Section 3's verification with trained policies. */
@Command(
        name = "online",
        description = "Compare online DPO, policy gradient and offline DPO under mis-specification, in a known world.")
final class OnlineCommand implements Callable<Integer> {
    private final Output output;

    @Mixin
    private CommonOptions options;

    @Option(names = "--data", paramLabel = "FILE", description = "Pairs of your own, instead of the known world.")
    private Path data;

    @Option(names = "--format", description = "Its schema: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private DatasetSpec.Format format = DatasetSpec.Format.HH_RLHF;

    @Option(names = "--seeds", split = ",", description = "Seeds (default: 41,42,43).")
    private long[] seeds = {41, 42, 43};

    @Option(names = "--conditions", split = ",", description = "${COMPLETION-CANDIDATES} (default: all).")
    private Condition[] conditions = Condition.values();

    @Option(names = "--iterations", description = "Rounds of sampling and training (default: the study's).")
    private Integer iterations;

    @Option(names = "--scale", description = "Share of the prompts (default: ${DEFAULT-VALUE}).")
    private double scale = 1;

    OnlineCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        SettingException.require(scale > 0 && scale <= 1, "--scale", scale, "above 0 and at most 1");
        if (iterations != null) {
            SettingException.requireAtLeast("--iterations", iterations, 1);
        }
        OnlineStudy whole = data == null
                ? KnownWorldOnline.study().scale(scale)
                : Section3Online.laptop(new DatasetSpec.File(format, data.toString()), scale);
        OnlineStudy study = whole.seeds(seeds).under(conditions);
        if (iterations != null) {
            study = study.iterations(iterations);
        }
        OnlineResult result = OnlineRunner.run(study, ConsoleProgress.standard());
        output.result(OnlineTable.of(result), json(result), options.json);
        return Preference.DONE;
    }

    private static Map<String, Object> json(OnlineResult result) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("study", result.study());
        json.put("fineTuned", result.fineTuned());
        json.put("cells", result.cells());
        json.put(
                "verdicts",
                result.judgements().stream()
                        .map(judgement -> Map.of(
                                "claim", judgement.claim().toString(),
                                "difference", judgement.difference().mean(),
                                "verdict", judgement.verdict().name().toLowerCase(Locale.ROOT)))
                        .toList());
        json.put("seconds", result.seconds());
        return json;
    }
}
