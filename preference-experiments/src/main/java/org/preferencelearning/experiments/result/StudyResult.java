package org.preferencelearning.experiments.result;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Study;

/** What a study found: the same for every kind of study. Immutable; its claims are judged once, when they are first asked for. */
public final class StudyResult {
    private final Study study;
    private final List<CellResult> cells;
    private final Provenance provenance;
    private final Supplier<List<Judgement>> judgements = Suppliers.memoize(() -> Judge.judge(this));

    /**
     * @param study the study
     * @param cells in the study's order
     * @param provenance what computed it
     */
    public StudyResult(Study study, List<CellResult> cells, Provenance provenance) {
        this.study = requireNonNull(study, "study");
        this.cells = ImmutableList.copyOf(cells);
        this.provenance = requireNonNull(provenance, "provenance");
    }

    /** The study. */
    public Study study() {
        return study;
    }

    /** In the study's order. */
    public List<CellResult> cells() {
        return cells;
    }

    /** What computed it. */
    public Provenance provenance() {
        return provenance;
    }

    /**
     * The cells that differ in nothing but their seeds, by what they have in common, in the study's order; without those that
     * describe data or models.
     */
    public Map<CellId, List<CellResult>> groups() {
        Map<CellId, List<CellResult>> groups = new LinkedHashMap<>();
        for (CellResult cell : cells) {
            if (cell.id().get(CellId.ABOUT).isEmpty()) {
                groups.computeIfAbsent(cell.id().without(CellId.SEED), id -> new ArrayList<>())
                        .add(cell);
            }
        }
        return groups;
    }

    /** Every number. */
    public List<Row> rows() {
        return cells.stream()
                .flatMap(cell -> cell.measurements().values().stream()
                        .map(value -> new Row(cell.id(), value.metric(), value.step(), value.value(), value.unit())))
                .toList();
    }

    /**
     * The cells that {@code selection} names.
     *
     * @throws SettingException if there are none
     */
    public List<CellResult> cells(CellId selection) {
        List<CellResult> found =
                cells.stream().filter(cell -> cell.id().matches(selection)).toList();
        SettingException.require(!found.isEmpty(), "cells", selection, "what the study has: " + study.coordinates());
        return found;
    }

    /**
     * The last value of a metric in the one cell that {@code selection} names.
     *
     * @throws SettingException if it names no cell or several, or the cell has no such metric
     */
    public double value(CellId selection, String metric) {
        List<CellResult> found = cells(selection);
        SettingException.require(found.size() == 1, "cells", selection, "one cell, not " + found.size());
        return last(found.get(0), metric);
    }

    /**
     * Mean and spread of a metric's last values over the cells that {@code selection} names: over seeds, if they differ in
     * nothing else.
     */
    public Summary summary(CellId selection, String metric) {
        return Summary.of(cells(selection).stream()
                .mapToDouble(cell -> last(cell, metric))
                .toArray());
    }

    /**
     * The 95 % interval of a metric's mean over the cells that {@code selection} names, which differ in nothing but seeds: over
     * seeds and, where they were kept, items; of right and wrong items it is within 0 and 1. Of one cell of right and wrong items,
     * or of several that are all right or all wrong, it is exact, of one of other items Student's; it says then nothing of other
     * seeds. Empty for one cell without items.
     */
    public Optional<Interval> interval(CellId selection, String metric) {
        return Estimates.interval(cells(selection), metric);
    }

    private double last(CellResult cell, String metric) {
        OptionalDouble value = cell.measurements().last(metric);
        SettingException.require(
                value.isPresent(), "metric", metric + " of " + cell.id(), "what was measured: " + study.metrics());
        return value.getAsDouble();
    }

    /**
     * The study's claims, judged: one judgement for each claim and each value of the coordinates that it leaves open, at a level
     * for all of them together.
     */
    public List<Judgement> judgements() {
        return judgements.get();
    }
}
