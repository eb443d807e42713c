package org.preferencelearning.examples;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.dual.DualTokenStudy;
import org.preferencelearning.experiments.dual.Misspecification;
import org.preferencelearning.experiments.flagship.KnownWorldExact;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.result.StudyResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Section 3 with a language model whose values are exact: when does RLHF end higher than DPO, and when lower? */
@Command(
        name = "exact-gpt2",
        description = "Section 3 with a GPT-2 in a world that can be summed over: exact values, no samples.")
final class ExactGpt2Command implements Callable<Integer> {
    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private ComputingOptions computing;

    @Option(names = "--seeds", description = "How many seeds, from --seed on (default: 5; with --full 8).")
    private @Nullable Integer seeds;

    @Option(names = "--seed", description = "The first seed (default: 41; with --full 401).")
    private @Nullable Long seed;

    @Option(
            names = "--conditions",
            split = ",",
            description = "What is mis-specified: ${COMPLETION-CANDIDATES} (default: all of the study).")
    private @Nullable List<Misspecification> conditions;

    @Option(names = "--beta", description = "Strength of the regularisation (default: ${DEFAULT-VALUE}).")
    private double beta = 0.25;

    @Option(
            names = "--full",
            description =
                    "Every condition and method, learning rates chosen on a seed of their own: takes some times as long.")
    private boolean full;

    @Mixin
    private StudyRunOptions run;

    ExactGpt2Command(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        DualTokenStudy whole = full ? KnownWorldExact.full() : KnownWorldExact.study();
        List<Misspecification> under = conditions == null ? whole.conditions() : conditions;
        long first = seed == null ? whole.seeds().get(0) : seed;
        int count = seeds == null ? whole.seeds().size() : seeds;
        StudyResult result = run.run(narrowed(whole, under, Seeds.from(first, count), beta, output));
        output.result(ResultTable.of(result) + run.place(), StudyRunOptions.json(result), options.json);
        return Preference.DONE;
    }

    /** A study with these conditions, seeds and beta, and those of its claims that it can then answer. */
    static DualTokenStudy narrowed(
            DualTokenStudy whole, List<Misspecification> conditions, long[] seeds, double beta, Output output) {
        DualTokenStudy study = whole.withoutClaims()
                .seeds(seeds)
                .beta(SettingException.requirePositive("--beta", beta))
                .under(conditions.toArray(Misspecification[]::new));
        return study.expect(StudyRunOptions.answerable(study, whole.claims(), output));
    }
}
