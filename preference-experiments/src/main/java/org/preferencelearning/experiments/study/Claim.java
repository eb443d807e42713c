package org.preferencelearning.experiments.study;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Sets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.preferencelearning.core.error.SettingException;

/**
 * What a study expects of two selections of cells. Coordinates that neither fixes, but for the seed, are compared value by
 * value: a claim that names no size is judged at every size.
 *
 * @param metric what is compared, at the end of the work
 * @param left which cells
 * @param relation how their metric compares with that of {@code right}
 * @param right which other cells, of the same seeds
 * @param margin for {@link Relation#EQUAL}, the difference up to which they count as equal, not negative; 0 elsewhere
 * @param source where the claim comes from: the paper, or this project ("reconstructed")
 */
public record Claim(String metric, CellId left, Relation relation, CellId right, double margin, String source) {
    /** How two metrics compare. */
    public enum Relation {
        /** The left one is larger, which for rewards and accuracies is better. */
        LARGER(">"),
        /** They differ by no more than the margin. */
        EQUAL("="),
        /** The left one is smaller, which for errors is better. */
        SMALLER("<");

        private final String sign;

        Relation(String sign) {
            this.sign = sign;
        }
    }

    public Claim {
        requireNonNull(metric, "metric");
        requireNonNull(left, "left");
        requireNonNull(relation, "relation");
        requireNonNull(right, "right");
        requireNonNull(source, "source");
        SettingException.requireNotNegative("margin", margin);
        SettingException.require(
                relation == Relation.EQUAL || margin == 0, "margin", margin, "0 unless the claim is one of equality");
        SettingException.require(!left.equals(right), "expect", left, "two different selections of cells");
    }

    /** The left cells' metric is larger. */
    public static Claim larger(String metric, CellId left, CellId right, String source) {
        return new Claim(metric, left, Relation.LARGER, right, 0, source);
    }

    /** The left cells' metric is smaller. */
    public static Claim smaller(String metric, CellId left, CellId right, String source) {
        return new Claim(metric, left, Relation.SMALLER, right, 0, source);
    }

    /** The metrics differ by at most {@code margin}; 0 asks for equality up to the resolution of what is exact. */
    public static Claim equal(String metric, CellId left, CellId right, double margin, String source) {
        return new Claim(metric, left, Relation.EQUAL, right, margin, source);
    }

    /**
     * Throws unless a study of these metrics and coordinates can answer the claims.
     *
     * @throws SettingException naming what the study does not have
     */
    public static void requireAnswerable(
            List<Claim> claims, List<String> metrics, Map<String, List<String>> coordinates) {
        for (Claim claim : claims) {
            SettingException.require(
                    metrics.contains(claim.metric),
                    "expect",
                    claim.metric,
                    "a metric of the study, as in Claim.larger(metric, ...): " + metrics);
            for (CellId selection : List.of(claim.left, claim.right)) {
                selection
                        .coordinates()
                        .forEach((coordinate, value) -> SettingException.require(
                                coordinates.getOrDefault(coordinate, List.of()).contains(value),
                                "expect",
                                coordinate + " '" + value + "'",
                                "what the study has: " + coordinates));
            }
            SettingException.require(
                    claim.left
                            .coordinates()
                            .keySet()
                            .equals(claim.right.coordinates().keySet()),
                    "expect",
                    claim,
                    "two selections by the same coordinates");
        }
    }

    /** Whether a study can answer this claim. */
    public boolean isAnswerableBy(Study study) {
        try {
            requireAnswerable(List.of(this), study.metrics(), study.coordinates());
            return true;
        } catch (SettingException e) {
            return false;
        }
    }

    /** The coordinates and values that both sides have. */
    public CellId common() {
        return new CellId(Sets.intersection(
                        left.coordinates().entrySet(), right.coordinates().entrySet())
                .stream()
                .collect(ImmutableMap.toImmutableMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    /** What both sides have in common, then the sides, such as {@code POLICY: policy gradient > online DPO}. */
    @Override
    public String toString() {
        CellId shared = common();
        String prefix = shared.coordinates().isEmpty() ? "" : shared + ": ";
        String within = margin > 0 ? String.format(Locale.ROOT, " (within %s)", margin) : "";
        return prefix + left.without(shared) + " " + relation.sign + " " + right.without(shared) + within;
    }
}
