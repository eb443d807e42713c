package org.preferencelearning.experiments.dual;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Measuring;
import org.preferencelearning.experiments.task.TaskContext;

/**
 * The best policy of a class that anything found: the ascent of the true value, or an arm that chooses from the same class.
 * Each is a lower bound of the best; where ascents end in different places, an arm may end higher.
 *
 * @param ascent of the true value
 * @param arms with the same class and reference
 */
record BestFound(Measuring ascent, List<Measuring> arms) implements Measuring {
    /** What the policy itself has, however it was found. */
    private static final Set<String> OF_THE_POLICY = Set.of(
            DualTokenStudy.VALUE,
            DualTokenStudy.REWARD,
            DualTokenStudy.KL,
            DualTokenStudy.OPTIMUM_GAP,
            DualTokenStudy.COVERAGE,
            DualTokenStudy.MOVED);

    BestFound {
        requireNonNull(ascent, "ascent");
        arms = ImmutableList.copyOf(arms);
    }

    @Override
    public Measurements run(TaskContext context) {
        Measurements best = context.get(ascent);
        for (Measuring arm : arms) {
            Measurements other = context.get(arm);
            if (value(other) > value(best)) {
                best = other;
            }
        }
        Stream<Measurements.Measurement> search =
                context.get(ascent).values().stream().filter(measured -> !OF_THE_POLICY.contains(measured.metric()));
        return Measurements.builder()
                .addAll(best.values().stream()
                        .filter(measured -> OF_THE_POLICY.contains(measured.metric()))
                        .toList())
                .addAll(search.toList())
                .build(0);
    }

    private static double value(Measurements measured) {
        return measured.last(DualTokenStudy.VALUE).orElseThrow();
    }

    @Override
    public String label() {
        return "best found, " + ascent.label();
    }
}
