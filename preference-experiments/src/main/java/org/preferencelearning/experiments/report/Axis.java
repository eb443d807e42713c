package org.preferencelearning.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One axis of a chart.
 *
 * @param label what it shows, with its unit
 * @param log whether equal ratios are equal lengths
 * @param whole whether it counts
 * @param least what its values cannot be below
 * @param most what they cannot be above
 */
record Axis(String label, boolean log, boolean whole, double least, double most) {
    /** Empty space beside the first and the last value, as a share of the range. */
    private static final double MARGIN = 0.06;
    /** Range below which values are one, relative to them. */
    private static final double SMALLEST_RANGE = 1e-7;

    static Axis linear(String label) {
        return new Axis(label, false, false, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }

    static Axis log(String label) {
        return new Axis(label, true, false, Double.MIN_NORMAL, Double.POSITIVE_INFINITY);
    }

    /** Of shares: 0 to 1. */
    static Axis share(String label) {
        return new Axis(label, false, false, 0, 1);
    }

    /** Of what is not negative. */
    static Axis amount(String label) {
        return new Axis(label, false, false, 0, Double.POSITIVE_INFINITY);
    }

    /** Of whole numbers. */
    static Axis count(String label) {
        return new Axis(label, false, true, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }

    /**
     * Values as lengths, over a range.
     *
     * @param low value at {@code from}
     * @param high value at {@code to}
     */
    record Scale(boolean log, double low, double high, double from, double to) {
        double at(double value) {
            double share = log
                    ? (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low))
                    : (value - low) / (high - low);
            return from + share * (to - from);
        }

        /** Where a value is drawn that may be outside: at the end. */
        double within(double value) {
            return at(Math.max(low, Math.min(high, value)));
        }

        boolean holds(double value) {
            return value >= low && value <= high;
        }
    }

    /** The scale of values from {@code low} to {@code high}, with a margin. */
    Scale scale(double low, double high, double from, double to) {
        double bottom = Math.max(low, least);
        double top = Math.min(high, most);
        if (log) {
            double margin = Math.max(1.1, Math.pow(top / bottom, MARGIN));
            return new Scale(true, bottom / margin, top * margin, from, to);
        }
        double size = Math.max(1, Math.max(Math.abs(bottom), Math.abs(top)));
        double range = top - bottom > SMALLEST_RANGE * size ? top - bottom : size;
        double wider = top - bottom > SMALLEST_RANGE * size ? MARGIN * range : range / 2;
        return new Scale(false, Math.max(least, bottom - wider), Math.min(most, top + wider), from, to);
    }

    /** Round values of a scale, about as many as asked for. */
    List<Double> ticks(Scale scale, int about) {
        return log ? powers(scale, about) : steps(scale, about);
    }

    private List<Double> steps(Scale scale, int about) {
        double rough = (scale.high() - scale.low()) / about;
        double unit = Math.pow(10, Math.floor(Math.log10(rough)));
        double share = rough / unit;
        double round = unit * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
        double step = whole ? Math.max(1, round) : round;
        List<Double> ticks = new ArrayList<>();
        for (long i = (long) Math.ceil(scale.low() / step); i * step <= scale.high(); i++) {
            // the decimal number, not the multiple of a binary one
            ticks.add(Double.parseDouble(String.format(Locale.ROOT, "%.12g", i * step)));
        }
        return ticks;
    }

    private static List<Double> powers(Scale scale, int about) {
        List<Double> ticks = List.of();
        for (int[] digits : new int[][] {{1, 2, 5}, {1, 3}, {1}}) {
            ticks = powers(scale, digits);
            if (ticks.size() <= about + 1) {
                return ticks;
            }
        }
        int every = (ticks.size() + about - 1) / about;
        List<Double> fewer = new ArrayList<>();
        for (int i = 0; i < ticks.size(); i += every) {
            fewer.add(ticks.get(i));
        }
        return fewer;
    }

    private static List<Double> powers(Scale scale, int... digits) {
        List<Double> ticks = new ArrayList<>();
        int last = (int) Math.ceil(Math.log10(scale.high()));
        for (int power = (int) Math.floor(Math.log10(scale.low())); power <= last; power++) {
            for (int digit : digits) {
                double value = Double.parseDouble(digit + "e" + power);
                if (scale.holds(value)) {
                    ticks.add(value);
                }
            }
        }
        return ticks;
    }
}
