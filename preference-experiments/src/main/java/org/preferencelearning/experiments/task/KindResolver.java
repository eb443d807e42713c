package org.preferencelearning.experiments.task;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.DatabindContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.jsontype.impl.TypeIdResolverBase;
import com.google.common.collect.ImmutableBiMap;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Names of implementations in JSON: a short name for this library's, which the interface's {@link JsonSubTypes} or the table
 * here gives, and the class's name for a user's. Reading takes only records that implement what is asked for, and initialises
 * no other class.
 */
public class KindResolver extends TypeIdResolverBase {
    private static final String ROOT = "org.preferencelearning.experiments.";

    /** By name, as this package does not depend on those of the tasks. */
    static final ImmutableBiMap<String, String> KINDS = ImmutableBiMap.<String, String>builder()
            .put("data-size", ROOT + "datasize.DataSizeStudy")
            .put("online", ROOT + "online.OnlineStudy")
            .put("exact", ROOT + "exact.ExactStudy")
            .put("winner-map", ROOT + "exact.WinnerMapStudy")
            .put("sample-complexity", ROOT + "sparse.SampleComplexityStudy")
            .put("exact-gpt2", ROOT + "dual.DualTokenStudy")
            .put("sparse-gpt2", ROOT + "dual.DualTokenSampleStudy")
            .put("catalogue", ROOT + "study.CatalogueLoss")
            .put("bradley-terry", ROOT + "study.BradleyTerry")
            .put("load-pairs", ROOT + "internal.tasks.LoadPairs")
            .put("describe-data", ROOT + "internal.tasks.DescribeData")
            .put("fine-tune", ROOT + "internal.tasks.FineTune")
            .put("train-reward", ROOT + "internal.tasks.TrainReward")
            .put("score-reference", ROOT + "internal.tasks.ScoreReference")
            .put("train-on-pairs", ROOT + "datasize.TrainOnPairs")
            .put("load-prompts", ROOT + "online.LoadPrompts")
            .put("prepare-reward", ROOT + "online.PrepareReward")
            .put("draw-pairs", ROOT + "online.DrawPairs")
            .put("score-drawn", ROOT + "online.ScoreDrawn")
            .put("online-iteration", ROOT + "online.OnlineIteration")
            .put("sample-rewards", ROOT + "online.SampleRewards")
            .put("evaluate-policy", ROOT + "online.EvaluatePolicy")
            .put("online-cell", ROOT + "online.OnlineCell")
            .put("rate-reward", ROOT + "online.RateReward")
            .put("world-optimum", ROOT + "online.FindWorldOptimum")
            .put("exact-fit", ROOT + "exact.FitExactly")
            .put("sparse-fit", ROOT + "sparse.FitSparsely")
            .put("two-word-reference", ROOT + "dual.MakeReference")
            .put("two-word-reward", ROOT + "dual.FitReward")
            .put("two-word-arm", ROOT + "dual.TrainArm")
            .put("two-word-rate", ROOT + "dual.ChooseRate")
            .put("two-word-tuned-arm", ROOT + "dual.TrainTunedArm")
            .put("two-word-learner", ROOT + "dual.LearnFromPairs")
            .put("two-word-best", ROOT + "dual.BestFound")
            .put("two-word-bound", ROOT + "dual.FindBound")
            .buildOrThrow();

    private @Nullable JavaType base;

    @Override
    public void init(JavaType base) {
        this.base = base;
    }

    @Override
    public String idFromValue(Object value) {
        return kind(value.getClass());
    }

    /** Short names that no interface gives, with their classes. */
    static Map<String, String> shortNames() {
        return KINDS;
    }

    /** Whether a class has a short name. */
    static boolean isOurs(Class<?> type) {
        return KINDS.inverse().containsKey(type.getName()) || !shortName(type).isEmpty();
    }

    /** The name of an implementation. */
    static String kind(Class<?> type) {
        String shortName = shortName(type);
        String name = type.getName();
        return shortName.isEmpty() ? KINDS.inverse().getOrDefault(name, name) : shortName;
    }

    /** The name that one of its interfaces gives it, or nothing. */
    private static String shortName(Class<?> type) {
        return Arrays.stream(type.getInterfaces())
                .flatMap(KindResolver::named)
                .filter(named -> named.value() == type)
                .map(JsonSubTypes.Type::name)
                .findFirst()
                .orElse("");
    }

    private static Stream<JsonSubTypes.Type> named(Class<?> type) {
        JsonSubTypes names = type.getAnnotation(JsonSubTypes.class);
        return names == null ? Stream.empty() : Arrays.stream(names.value());
    }

    @Override
    public String idFromValueAndType(Object value, Class<?> suggestedType) {
        return kind(value == null ? suggestedType : value.getClass());
    }

    @Override
    public JavaType typeFromId(DatabindContext context, String id) throws InvalidTypeIdException {
        Class<?> wanted = requireNonNull(base, "base").getRawClass();
        Optional<JsonSubTypes.Type> named =
                named(wanted).filter(type -> type.name().equals(id)).findFirst();
        if (named.isPresent()) {
            return context.constructType(named.get().value());
        }
        try {
            Class<?> found = Class.forName(
                    KINDS.getOrDefault(id, id), false, Thread.currentThread().getContextClassLoader());
            if (wanted.isAssignableFrom(found) && found.isRecord()) {
                return context.constructType(found);
            }
        } catch (ClassNotFoundException | LinkageError e) {
            // said below
        }
        throw new InvalidTypeIdException(
                null,
                "kind '" + id + "' is unknown; allowed: one of " + known(wanted)
                        + ", or the name of a record on the class path that implements " + wanted.getName(),
                base,
                id);
    }

    /** Kinds of what is asked for. */
    private static List<String> known(Class<?> wanted) {
        Stream<String> listed = KINDS.entrySet().stream()
                .filter(kind -> {
                    try {
                        return wanted.isAssignableFrom(
                                Class.forName(kind.getValue(), false, KindResolver.class.getClassLoader()));
                    } catch (ClassNotFoundException e) {
                        return false;
                    }
                })
                .map(Map.Entry::getKey);
        return Stream.concat(named(wanted).map(JsonSubTypes.Type::name), listed).toList();
    }

    @Override
    public JsonTypeInfo.Id getMechanism() {
        return JsonTypeInfo.Id.CUSTOM;
    }
}
