package org.preferencelearning.examples;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.flagship.KnownWorldOnline;
import org.preferencelearning.experiments.flagship.Section3Online;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.result.StudyResult;
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

    @Mixin
    private ComputingOptions computing;

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

    @Mixin
    private PublishedOptions published;

    @Mixin
    private StudyRunOptions run;

    @Override
    public Integer call() {
        SettingException.require(scale > 0 && scale <= 1, "--scale", scale, "above 0 and at most 1");
        if (iterations != null) {
            SettingException.requireAtLeast("--iterations", iterations, 1);
        }
        OnlineStudy whole = whole();
        whole = whole.on(published.modelOr(whole.model()), whole.data());
        if (iterations != null) {
            whole = whole.iterations(iterations);
        }
        OnlineStudy study = whole.withoutClaims().seeds(seeds).under(conditions);
        study = study.expect(StudyRunOptions.answerable(study, whole.claims(), output));
        StudyResult result = run.run(study);
        Map<String, Object> json = StudyRunOptions.json(result);
        Optional<Rows> rows = own.dataset().map(data -> StudyRows.of(result));
        rows.ifPresent(read -> json.put("rows", read));
        output.result(ResultTable.of(result) + rows.map(Rows::toString).orElse("") + run.place(), json, options.json);
        return Preference.DONE;
    }

    private OnlineStudy whole() {
        Optional<DatasetSpec> data = own.dataset();
        if (published.preset().isPresent()) {
            OnlineStudy study = Section3Online.study().scale(scale);
            return published
                    .preset()
                    .get()
                    .of(data.map(file -> study.on(study.model(), file)).orElse(study));
        }
        return data.map(file -> Section3Online.laptop(file, scale))
                .orElseGet(() -> KnownWorldOnline.study().scale(scale));
    }
}
