package org.preferencelearning.examples;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.dual.DualTokenSampleMethod;
import org.preferencelearning.experiments.dual.DualTokenSampleStudy;
import org.preferencelearning.experiments.dual.DualTokenText;
import org.preferencelearning.experiments.flagship.KnownWorldSamples;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.result.StudyResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Section 4 with a language model that is measured exactly: who knows a sparse reward from fewer pairs? */
@Command(
        name = "sparse-gpt2",
        description =
                "Section 4 with a GPT-2 in a world that can be summed over: reward model or DPO, by number of pairs.")
final class SparseGpt2Command implements Callable<Integer> {
    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private ComputingOptions computing;

    @Option(names = "--sizes", split = ",", description = "Numbers of pairs (default: 100 to 12800 by doubling).")
    private @Nullable List<Integer> sizes;

    @Option(names = "--seeds", description = "How many seeds, from --seed on (default: ${DEFAULT-VALUE}).")
    private int seeds = 10;

    @Option(names = "--seed", description = "The first seed (default: ${DEFAULT-VALUE}).")
    private long seed = 41;

    @Option(
            names = "--rewarded",
            description =
                    "How many of the 12 words carry reward: few are sparse, 12 dense (default: ${DEFAULT-VALUE}).")
    private int rewarded = 3;

    @Option(
            names = "--noise",
            description = "Probability that a label is turned round, 0 to below 0.5 (default: ${DEFAULT-VALUE}).")
    private double noise;

    @Mixin
    private StudyRunOptions run;

    SparseGpt2Command(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        DualTokenSampleStudy study = KnownWorldSamples.study();
        DualTokenText world = study.world();
        SettingException.require(
                rewarded >= 1 && rewarded <= world.words(), "--rewarded", rewarded, "1 to " + world.words());
        SettingException.require(noise >= 0 && noise < 0.5, "--noise", noise, "0 to below 0.5");
        int trained = study.trainedPrompts();
        study = study.world(world.rewarded(rewarded))
                .trainedPrompts(trained)
                .seeds(Seeds.from(seed, seeds))
                .noise(noise);
        if (sizes != null) {
            study = study.sizes(sizes.stream().mapToInt(Integer::intValue).toArray());
        }
        StudyResult result = run.run(study);
        Rates rates = Rates.of(
                result,
                study.methods().stream().map(DualTokenSampleMethod::label).toList(),
                DualTokenSampleStudy.ERROR);
        Map<String, Object> json = StudyRunOptions.json(result);
        json.put("slopes", rates.json());
        output.result(ResultTable.of(result) + rates.lines() + run.place(), json, options.json);
        return Preference.DONE;
    }
}
