package org.preferencelearning.experiments.study;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Ordering;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.preferencelearning.core.data.RejectedRows;
import org.preferencelearning.core.error.SettingException;

/**
 * What a cell found.
 *
 * @param values in the order of the work
 * @param items for some metrics, the value of each held-out pair or prompt that was measured, in the order of {@code itemIds}
 * @param itemIds what each item is known by, rising: its index among what the study holds out, so that differences can be taken
 *     item by item although cells leave out different ones; empty where no items were kept
 * @param seconds wall time that the work took, not part of what is compared
 */
public record Measurements(
        List<Measurement> values, Map<String, List<Double>> items, List<Integer> itemIds, double seconds) {
    /** Prefix of metrics that count what was left out; the reason follows. */
    public static final String LEFT_OUT = "left_out/";

    public Measurements {
        values = ImmutableList.copyOf(values);
        Map<String, List<Double>> copies = new LinkedHashMap<>();
        items.forEach((metric, list) -> copies.put(metric, ImmutableList.copyOf(list)));
        items = ImmutableMap.copyOf(copies);
        itemIds = ImmutableList.copyOf(itemIds);
        SettingException.require(
                Ordering.natural().isStrictlyOrdered(itemIds), "itemIds", itemIds, "rising indices, none twice");
        for (Map.Entry<String, List<Double>> entry : items.entrySet()) {
            SettingException.require(
                    entry.getValue().size() == itemIds.size(),
                    "items of " + entry.getKey(),
                    entry.getValue().size() + " values",
                    itemIds.size() + ", one for each of the items' ids");
        }
    }

    /**
     * One number.
     *
     * @param metric its name
     * @param step updates or iterations made; the largest is the end
     * @param value finite
     * @param unit of the value; empty for shares and pure numbers
     */
    public record Measurement(String metric, long step, double value, String unit) {
        public Measurement {
            SettingException.require(Double.isFinite(value), metric, value, "a finite number");
        }
    }

    /** The last value of a metric, if it was measured. */
    public OptionalDouble last(String metric) {
        return lastMeasurement(metric)
                .map(measurement -> OptionalDouble.of(measurement.value()))
                .orElse(OptionalDouble.empty());
    }

    /** The unit of a metric; empty for shares and pure numbers, and for what was not measured. */
    public String unit(String metric) {
        return lastMeasurement(metric).map(Measurement::unit).orElse("");
    }

    private Optional<Measurement> lastMeasurement(String metric) {
        return values.stream()
                .filter(value -> value.metric().equals(metric))
                .reduce((first, second) -> second.step() >= first.step() ? second : first);
    }

    /** Starts an empty collection without items. */
    public static Builder builder() {
        return new Builder(List.of());
    }

    /**
     * Starts an empty collection of a cell that keeps items.
     *
     * @param itemIds what each item is known by to all cells of the study: indices that rise, none twice
     */
    public static Builder builder(List<Integer> itemIds) {
        return new Builder(itemIds);
    }

    /** Collects what a cell finds. */
    public static final class Builder {
        private final List<Measurement> values = new ArrayList<>();
        private final Map<String, List<Double>> items = new LinkedHashMap<>();
        private final List<Integer> itemIds;

        private Builder(List<Integer> itemIds) {
            this.itemIds = itemIds;
        }

        /** Adds a number. */
        public Builder add(String metric, long step, double value, String unit) {
            values.add(new Measurement(metric, step, value, unit));
            return this;
        }

        /** Adds a number that belongs to no step. */
        public Builder add(String metric, double value, String unit) {
            return add(metric, 0, value, unit);
        }

        /** Adds all numbers of another. */
        public Builder addAll(List<Measurement> more) {
            values.addAll(more);
            return this;
        }

        /** Adds what was left out, by reason. */
        public Builder leftOut(String what, RejectedRows rejected) {
            rejected.counts().forEach((reason, count) -> add(LEFT_OUT + what + "/" + reason, count, "rows"));
            return this;
        }

        /** Adds a value for each item of a metric whose own value, their mean, is added elsewhere. */
        public Builder items(String metric, double[] perItem) {
            List<Double> list = new ArrayList<>(perItem.length);
            for (double value : perItem) {
                SettingException.require(Double.isFinite(value), metric, value, "a finite number for each item");
                list.add(value);
            }
            items.put(metric, list);
            return this;
        }

        /** Adds a number that is the mean over items, of which there is at least one, and the items with it. */
        public Builder mean(String metric, long step, double[] perItem, String unit) {
            return add(metric, step, Arrays.stream(perItem).average().orElseThrow(), unit)
                    .items(metric, perItem);
        }

        /** The finished collection. */
        public Measurements build(double seconds) {
            return new Measurements(values, items, itemIds, seconds);
        }
    }
}
