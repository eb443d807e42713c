package org.preferencelearning.experiments.report;

import static org.preferencelearning.experiments.report.Markup.el;
import static org.preferencelearning.experiments.report.Markup.foreign;

import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.result.Row;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.result.Verdict;
import org.preferencelearning.experiments.run.RunDirectoryException;
import org.preferencelearning.experiments.run.RunStatus;
import org.preferencelearning.experiments.run.RunsOfFolder;

/**
 * One or several studies' results as one page of HTML that loads nothing and runs nothing, and as tables. A value;
 * {@link Reports} writes it.
 */
public final class Report {
    private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
    private static final Markup.Style STYLE = new Markup.Style(sheet());

    private final String title;
    private final List<Section> sections;
    private final List<RunStatus> unfinished;
    private final List<Comparison> comparisons;
    private final String otherTitle;

    private Report(
            String title,
            List<Section> sections,
            List<RunStatus> unfinished,
            List<Comparison> comparisons,
            String otherTitle) {
        this.title = title;
        this.sections = List.copyOf(sections);
        this.unfinished = List.copyOf(unfinished);
        this.comparisons = List.copyOf(comparisons);
        this.otherTitle = otherTitle;
    }

    /** The report of results, in this order; what is kept in directories only, such as curves of training, is not in it. */
    public static Report of(StudyResult... results) {
        List<Section> sections = Arrays.stream(results).map(Section::of).toList();
        if (sections.isEmpty()) {
            throw new IllegalArgumentException("a report of no result");
        }
        String title = sections.size() == 1 ? sections.get(0).study().name() : sections.size() + " studies";
        return new Report(title, sections, List.of(), List.of(), "");
    }

    /**
     * The report of a run, or of the finished runs in a folder; those that are not finished are named.
     *
     * @throws RunDirectoryException if it is neither, no run is finished, or one is damaged
     */
    public static Report of(Path directory) {
        RunsOfFolder runs = RunsOfFolder.open(directory);
        List<Section> sections = runs.finished().stream().map(Section::of).toList();
        String title = RunStatus.isRun(directory)
                ? sections.get(0).study().name()
                : directory.toAbsolutePath().normalize().getFileName() + ": " + sections.size() + " studies";
        return new Report(title, sections, runs.unfinished(), List.of(), "");
    }

    /**
     * The same report that also tells what differs from another run, or from the runs of another folder by their names.
     *
     * @throws RunDirectoryException if the other is no run
     * @throws SettingException if no run of the one folder has a counterpart in the other
     */
    public Report compare(Path directory) {
        Report other = of(directory);
        List<Comparison> pairs = new ArrayList<>();
        if (sections.size() == 1 && other.sections.size() == 1) {
            pairs.add(new Comparison(sections.get(0), other.sections.get(0)));
        } else {
            for (Section section : sections) {
                other.sections.stream()
                        .filter(one -> one.name().equals(section.name()))
                        .forEach(one -> pairs.add(new Comparison(section, one)));
            }
        }
        SettingException.require(
                !pairs.isEmpty(), "compare", directory + " with " + other.names(), "a folder with a run of " + names());
        return new Report(title, sections, unfinished, pairs, other.title + " in " + directory);
    }

    private List<String> names() {
        return sections.stream().map(Section::name).toList();
    }

    /** The page. */
    public String html() {
        List<Markup> main = new ArrayList<>();
        boolean several = sections.size() > 1;
        if (several) {
            main.add(el("header", el("h1", foreign(title)), el("p", total())));
            main.add(overview());
        }
        if (!unfinished.isEmpty()) {
            main.add(el(
                    "p",
                    "Not finished and so not here: "
                            + String.join(
                                    "; ",
                                    unfinished.stream()
                                            .map(run -> run.directory() + ", " + run.finished() + " of " + run.cells()
                                                    + " cells")
                                            .toList())));
        }
        for (int i = 0; i < sections.size(); i++) {
            main.add(sections.get(i).markup("s" + (i + 1), several ? 2 : 1));
        }
        if (!comparisons.isEmpty()) {
            List<Markup> parts = new ArrayList<>();
            parts.add(el("h2", foreign("Compared with " + otherTitle)).with("id", "comparison-title"));
            comparisons.forEach(comparison -> parts.add(comparison.markup()));
            main.add(el("section", parts).with("id", "comparison").with("aria-labelledby", "comparison-title"));
        }
        Markup footer = el(
                "footer",
                el(
                        "p",
                        "Written by Preference Learning. Charts and tables hold the same numbers; those of"
                                + " every row are beside this page as CSV."));
        return Markup.page(el(
                        "html",
                        el(
                                "head",
                                el("meta").with("charset", "utf-8"),
                                el("meta")
                                        .with("http-equiv", "Content-Security-Policy")
                                        .with("content", POLICY),
                                el("meta")
                                        .with("name", "viewport")
                                        .with("content", "width=device-width, initial-scale=1"),
                                el("meta").with("name", "color-scheme").with("content", "light dark"),
                                el("title", title),
                                el("style", STYLE)),
                        el("body", el("main", main), footer))
                .with("lang", "en"));
    }

    private String total() {
        return String.format(
                Locale.ROOT,
                "%d claims supported, %d contradicted, %d inconclusive.",
                count(Verdict.SUPPORTED),
                count(Verdict.CONTRADICTED),
                count(Verdict.INCONCLUSIVE));
    }

    private long count(Verdict verdict) {
        return sections.stream().mapToLong(section -> section.count(verdict)).sum();
    }

    private Markup overview() {
        List<Markup> entries = new ArrayList<>();
        for (int i = 0; i < sections.size(); i++) {
            Section section = sections.get(i);
            List<Markup> parts = new ArrayList<>();
            parts.add(el("a", foreign(section.study().name())).with("href", "#s" + (i + 1)));
            if (!section.answers().isEmpty()) {
                parts.add(el("ul", section.answers()).of("answers"));
            }
            entries.add(el("li", parts));
        }
        if (!comparisons.isEmpty()) {
            entries.add(el("li", el("a", foreign("Compared with " + otherTitle)).with("href", "#comparison")));
        }
        return el("nav", el("ol", entries)).with("aria-label", "Studies");
    }

    /** The tables behind the page as CSV, by the names of their files; {@code rows.csv} holds every number. */
    public Map<String, String> csv() {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("rows.csv", rows(sections));
        for (Section section : sections) {
            section.tables().forEach((name, table) -> {
                String file = sections.size() == 1 ? name : section.name() + "-" + name;
                put(files, file, table);
            });
        }
        comparisons.forEach(comparison -> put(
                files, "comparison" + (comparisons.size() == 1 ? "" : "-" + comparison.name()), comparison.table()));
        return files;
    }

    private static void put(Map<String, String> files, String name, Table table) {
        // names of studies and folders may hold anything
        String plain = name.replaceAll("[^A-Za-z0-9._-]+", "-").replaceAll("^\\.+", "");
        String file = plain + ".csv";
        for (int i = 2; files.containsKey(file); i++) {
            file = plain + "-" + i + ".csv";
        }
        files.put(file, table.csv());
    }

    /**
     * Every number of results as CSV: the study, the coordinates of its cell, metric, step, value and unit.
     *
     * @param results one or several
     */
    public static String rows(StudyResult... results) {
        return rows(Arrays.stream(results).map(Section::of).toList());
    }

    private static String rows(List<Section> sections) {
        Set<String> coordinates = new LinkedHashSet<>();
        for (Section section : sections) {
            section.result()
                    .cells()
                    .forEach(cell -> coordinates.addAll(cell.id().coordinates().keySet()));
        }
        List<String> columns = new ArrayList<>(List.of("study"));
        columns.addAll(coordinates);
        columns.addAll(List.of("metric", "step", "value", "unit"));
        List<List<Object>> rows = new ArrayList<>();
        for (Section section : sections) {
            for (Row row : section.result().rows()) {
                List<Object> values = new ArrayList<>(List.of(section.name()));
                coordinates.forEach(
                        coordinate -> values.add(row.cell().get(coordinate).orElse(null)));
                values.add(row.metric());
                values.add(row.step());
                values.add(row.value());
                values.add(row.unit());
                rows.add(values);
            }
        }
        return new Table(columns, rows).csv();
    }

    private static String sheet() {
        try {
            return Resources.toString(Report.class.getResource("report.css"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
