package org.preferencelearning.examples;

import com.google.common.base.Enums;
import com.google.common.primitives.Longs;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.dual.DualTokenStudy;
import org.preferencelearning.experiments.dual.Misspecification;
import org.preferencelearning.experiments.flagship.KnownWorldExact;
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

/** Section 3's verification with trained policies: measured exactly, or, in a world of longer text, by samples. */
@Command(
        name = "online",
        description = "Compare RLHF, DPO and online DPO under mis-specification, with GPT-2 policies.")
final class OnlineCommand implements Callable<Integer> {
    private static final long[] SAMPLED_SEEDS = {41, 42, 43};

    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private ComputingOptions computing;

    @Mixin
    private OwnPairsOptions own;

    /** What policies write. */
    private enum World {
        EXACT,
        TEXT
    }

    @Option(
            names = "--world",
            description = "EXACT: two words, so that every value is a sum over all responses ('exact-gpt2' has more"
                    + " options). TEXT: up to 16 words, values estimated by samples; --data and --preset imply it"
                    + " (default: EXACT).")
    private @Nullable World world;

    @Option(names = "--seeds", split = ",", description = "Seeds (default: 41 to 45; of sampled worlds 41,42,43).")
    private long @Nullable [] seeds;

    @Option(
            names = "--conditions",
            split = ",",
            description =
                    "NONE, POLICY, REWARD, BOTH_ISOMORPHIC, and those of 'exact-gpt2'; of sampled worlds NONE, POLICY,"
                            + " REWARD, BOTH (default: the study's).")
    private @Nullable List<String> conditions;

    @Option(
            names = "--iterations",
            description = "Rounds of sampling and training, in sampled worlds (default: the study's).")
    private @Nullable Integer iterations;

    @Option(names = "--scale", description = "Share of the prompts, in sampled worlds (default: 1).")
    private @Nullable Double scale;

    OnlineCommand(Output output) {
        this.output = output;
    }

    @Mixin
    private PublishedOptions published;

    @Mixin
    private StudyRunOptions run;

    @Override
    public Integer call() {
        boolean sampled = own.dataset().isPresent() || published.preset().isPresent();
        SettingException.require(!sampled || world != World.EXACT, "--world", world, "TEXT with --data or --preset");
        return sampled || world == World.TEXT ? sampled() : exact();
    }

    private int exact() {
        requireUnset("--iterations", iterations);
        requireUnset("--scale", scale);
        requireUnset("--model", published.model().orElse(null));
        DualTokenStudy whole = KnownWorldExact.study();
        List<Misspecification> under = conditions(Misspecification.class, whole.conditions());
        DualTokenStudy study = ExactGpt2Command.narrowed(
                whole, under, seeds == null ? Longs.toArray(whole.seeds()) : seeds, whole.beta(), output);
        StudyResult result = run.run(study);
        output.result(ResultTable.of(result) + run.place(), StudyRunOptions.json(result), options.json);
        return Preference.DONE;
    }

    private static void requireUnset(String option, @Nullable Object value) {
        SettingException.require(value == null, option, value, "not set, except with --world TEXT, --data or --preset");
    }

    private <E extends Enum<E>> List<E> conditions(Class<E> type, List<E> all) {
        return conditions == null
                ? all
                : conditions.stream()
                        .map(name -> Enums.getIfPresent(type, name)
                                .toJavaUtil()
                                .orElseThrow(() -> new SettingException(
                                        "--conditions", name, "of " + List.of(type.getEnumConstants()))))
                        .toList();
    }

    private int sampled() {
        double share = scale == null ? 1 : scale;
        SettingException.require(share > 0 && share <= 1, "--scale", share, "above 0 and at most 1");
        if (iterations != null) {
            SettingException.requireAtLeast("--iterations", iterations, 1);
        }
        OnlineStudy whole = whole(share);
        whole = whole.on(published.modelOr(whole.model()), whole.data());
        if (iterations != null) {
            whole = whole.iterations(iterations);
        }
        OnlineStudy study = whole.withoutClaims()
                .seeds(seeds == null ? SAMPLED_SEEDS : seeds)
                .under(conditions(Condition.class, List.of(Condition.values())).toArray(Condition[]::new));
        study = study.expect(StudyRunOptions.answerable(study, whole.claims(), output));
        StudyResult result = run.run(study);
        Map<String, Object> json = StudyRunOptions.json(result);
        Optional<Rows> rows = own.dataset().map(data -> StudyRows.of(result));
        rows.ifPresent(read -> json.put("rows", read));
        output.result(ResultTable.of(result) + rows.map(Rows::toString).orElse("") + run.place(), json, options.json);
        return Preference.DONE;
    }

    private OnlineStudy whole(double share) {
        Optional<DatasetSpec> data = own.dataset();
        if (published.preset().isPresent()) {
            OnlineStudy study = Section3Online.study().scale(share);
            return published
                    .preset()
                    .get()
                    .of(data.map(file -> study.on(study.model(), file)).orElse(study));
        }
        return data.map(file -> Section3Online.laptop(file, share))
                .orElseGet(() -> KnownWorldOnline.study().scale(share));
    }
}
