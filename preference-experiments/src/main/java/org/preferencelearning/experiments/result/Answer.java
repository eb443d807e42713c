package org.preferencelearning.experiments.result;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;

/** A judgement in plain words. */
final class Answer {
    /** Differences of exact values below this come from the order of sums. */
    private static final double ROUNDING = 1e-9;

    /** Half widths outside of these are written with three digits, as are values without any. */
    private static final double FEWEST = 1e-3;

    private static final double MOST = 1e7;

    private Answer() {}

    static String finding(Judgement judgement) {
        return verdict(judgement) + ": " + evidence(judgement) + scope(judgement) + unpaired(judgement)
                + needed(judgement) + ".";
    }

    static String question(Judgement judgement) {
        Claim claim = judgement.claim();
        CellId common = claim.common();
        CellId left = claim.left().without(common);
        CellId right = claim.right().without(common);
        String where = Stream.of(common, judgement.at())
                .map(CellId::toString)
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", "));
        String compared =
                switch (claim.relation()) {
                    case LARGER -> "larger than that";
                    case SMALLER -> "smaller than that";
                    case EQUAL ->
                        claim.margin() > 0
                                ? "within " + number(claim.margin()) + unit(judgement) + " of that"
                                : "equal to that";
                };
        return String.format(
                "Is the %s of %s %s of %s%s?",
                claim.metric().replace('_', ' '), left, compared, right, where.isEmpty() ? "" : " (" + where + ")");
    }

    private static String verdict(Judgement judgement) {
        return switch (judgement.verdict()) {
            case SUPPORTED -> "Yes";
            case CONTRADICTED -> "No";
            case INCONCLUSIVE -> "Undecided";
        };
    }

    private static String evidence(Judgement judgement) {
        double difference = judgement.difference();
        if (judgement.method() == JudgingMethod.EXACT) {
            boolean none = Math.abs(difference) < ROUNDING;
            return "the difference is " + (none ? "0" : signed(difference, 0)) + unit(judgement)
                    + (none && difference != 0 ? " up to rounding" : "") + ", with nothing random";
        }
        if (judgement.interval().isEmpty()) {
            return "the difference is " + signed(difference, 0) + unit(judgement)
                    + ", and one value each leaves open how far it is chance";
        }
        Interval interval = judgement.interval().get();
        double half = (interval.high() - interval.low()) / 2;
        return "the difference is " + signed(difference, half) + unit(judgement) + ", 95 % interval "
                + signed(interval.low(), half) + " to " + signed(interval.high(), half) + ", adjusted p "
                + p(judgement.adjustedP().orElseThrow()) + " ("
                + judgement.method().label() + ")";
    }

    /** With as many decimals as two digits of half its interval have. */
    private static String signed(double value, double halfWidth) {
        if (halfWidth < FEWEST || halfWidth >= MOST) {
            return String.format(Locale.ROOT, "%+.3g", value);
        }
        int decimals = Math.max(0, 1 - (int) Math.floor(Math.log10(halfWidth)));
        return String.format(Locale.ROOT, "%+." + decimals + "f", value);
    }

    /** A p-value as it is read. */
    static String p(double p) {
        return p < 0.001 ? "< 0.001" : String.format(Locale.ROOT, "%.2g", p);
    }

    private static String scope(Judgement judgement) {
        return switch (judgement.method()) {
            case ITEMS, MCNEMAR -> ", for these two trained models only, as there is one seed";
            default -> "";
        };
    }

    /** What is left out of the difference, though it may be in each side's own mean. */
    private static String unpaired(Judgement judgement) {
        return judgement.unpaired() == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        ", on the items that all measured: %,d that some left out do not count",
                        judgement.unpaired());
    }

    private static String needed(Judgement judgement) {
        return judgement.needed().stream()
                .map(needed -> "; " + needed(judgement, needed))
                .collect(Collectors.joining());
    }

    private static String needed(Judgement judgement, Needed needed) {
        String purpose =
                switch (needed.purpose()) {
                    case EFFECT_SEEN -> "a true difference of " + number(needed.difference()) + unit(judgement);
                    case MARGIN_STATED -> "no true difference";
                };
        List<String> enough = new ArrayList<>();
        List<String> never = new ArrayList<>();
        if (judgement.seeds() > 1) {
            sort(needed.seeds(), "seeds", judgement.seeds(), enough, never);
        }
        if (judgement.items() > 0) {
            sort(needed.items(), "items", judgement.items(), enough, never);
        }
        String takes = enough.isEmpty() ? "" : "it takes about " + String.join(", or ", enough);
        String fails = never.isEmpty() ? "" : "more " + String.join(" or ", never) + " alone would not do";
        return "with " + purpose + " " + takes + (takes.isEmpty() || fails.isEmpty() ? "" : ", while ") + fails;
    }

    private static void sort(OptionalInt needed, String what, int today, List<String> enough, List<String> never) {
        needed.ifPresentOrElse(
                count -> enough.add(String.format(Locale.ROOT, "%,d %s instead of %,d", count, what, today)),
                () -> never.add(what));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3g", value);
    }

    private static String unit(Judgement judgement) {
        return judgement.unit().isEmpty() ? "" : " " + judgement.unit();
    }
}
