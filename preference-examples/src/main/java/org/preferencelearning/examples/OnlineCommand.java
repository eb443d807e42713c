package org.preferencelearning.examples;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.flagship.KnownWorldOnline;
import org.preferencelearning.experiments.flagship.Section3Online;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.online.OnlineResult;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.online.OnlineTable;
import org.preferencelearning.experiments.run.OnlineRunner;
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

    @Mixin
    private OwnPairsOptions own;

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
        OnlineStudy study = own.dataset()
                .map(data -> Section3Online.laptop(data, scale))
                .orElseGet(() -> KnownWorldOnline.study().scale(scale))
                .seeds(seeds)
                .under(conditions);
        if (iterations != null) {
            study = study.iterations(iterations);
        }
        Optional<Rows> rows = own.rows();
        OnlineResult result = OnlineRunner.run(study, ConsoleProgress.standard());
        Map<String, Object> json = json(result);
        rows.ifPresent(read -> json.put("rows", read));
        output.result(OnlineTable.of(result) + rows.map(Rows::toString).orElse(""), json, options.json);
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
