package org.preferencelearning.experiments.report;

import static java.util.Objects.requireNonNull;
import static org.preferencelearning.experiments.report.Markup.el;
import static org.preferencelearning.experiments.report.Markup.foreign;
import static org.preferencelearning.experiments.report.Markup.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.preferencelearning.experiments.online.OnlineSamples;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.result.CellResult;
import org.preferencelearning.experiments.result.Judgement;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.result.Summary;
import org.preferencelearning.experiments.result.Verdict;
import org.preferencelearning.experiments.run.FinishedRun;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.study.StudyJson;

/** What a report says of one study. */
final class Section {
    private static final int PROMPTS_SHOWN = 4;
    /** Rows of a table that is not behind a click. */
    private static final int OPEN_ROWS = 30;

    private final String name;
    private final StudyResult result;
    private final Optional<FinishedRun> run;
    private final List<Judgement> judgements;
    private final List<Figure> figures;
    private final Table numbers;

    private Section(String name, StudyResult result, Optional<FinishedRun> run) {
        this.name = name;
        this.result = result;
        this.run = run;
        judgements = result.judgements();
        figures = Figures.of(result, run.map(FinishedRun::metrics).orElse(List.of()));
        numbers = numbers(result);
    }

    /** A study's result that is kept nowhere. */
    static Section of(StudyResult result) {
        return new Section(result.study().name(), result, Optional.empty());
    }

    /** A run, called as its folder is. */
    static Section of(FinishedRun run) {
        return new Section(
                run.directory().toAbsolutePath().normalize().getFileName().toString(), run.result(), Optional.of(run));
    }

    /** The folder's name, or the study's if it has none. */
    String name() {
        return name;
    }

    Study study() {
        return result.study();
    }

    StudyResult result() {
        return result;
    }

    /** Its tables by name. */
    Map<String, Table> tables() {
        Map<String, Table> tables = new LinkedHashMap<>();
        figures.forEach(figure -> tables.put(figure.name(), figure.table()));
        tables.put("numbers", numbers);
        return tables;
    }

    /** Its claims with their verdicts, in short. */
    List<Markup> answers() {
        return judgements.stream()
                .map(judgement -> {
                    String verdict = word(judgement);
                    return (Markup)
                            el("li", el("strong", verdict).of("badge"), text(" "), foreign(judgement.question()))
                                    .of(verdict);
                })
                .toList();
    }

    private static String word(Judgement judgement) {
        return judgement.verdict().name().toLowerCase(Locale.ROOT);
    }

    /** How many claims ended with a verdict. */
    long count(Verdict verdict) {
        return judgements.stream()
                .filter(judgement -> judgement.verdict() == verdict)
                .count();
    }

    /** The whole section, with headings of {@code level} and below. {@code id} is the page's own name of it. */
    Markup markup(String id, int level) {
        List<Markup> parts = new ArrayList<>();
        parts.add(heading(level, study().name()).with("id", id + "-title"));
        parts.add(el("p", foreign(Words.question(study()))).of("question"));
        if (!judgements.isEmpty()) {
            parts.add(
                    el("ul", judgements.stream().map(Section::verdict).toList()).of("verdicts"));
        }
        List<Markup> drawings = new ArrayList<>();
        for (int i = 0; i < figures.size(); i++) {
            drawings.add(figures.get(i).markup(id + "-f" + i));
        }
        boolean seeds = study().coordinates().containsKey(CellId.SEED);
        Markup table = numbers.markup("The last value of every metric"
                + (seeds
                        ? "; ± is half of the mean's 95 % interval, over seeds and, where they were kept, held-out items"
                        : ""));
        drawings.add(el(
                "div",
                heading(level + 1, "Numbers"),
                numbers.rows().size() > OPEN_ROWS ? el("details", el("summary", "The table"), table) : table));
        parts.add(el("div", drawings).of("figures"));
        descriptions(parts);
        samples(level, parts);
        provenance(level, parts);
        return el("section", parts).with("id", id).with("aria-labelledby", id + "-title");
    }

    private static Markup.Element heading(int level, String text) {
        return el("h" + Math.min(4, level), foreign(text));
    }

    private static Markup verdict(Judgement judgement) {
        String verdict = word(judgement);
        return el(
                        "li",
                        el("strong", verdict).of("badge"),
                        text(" "),
                        foreign(judgement.question()),
                        text(" "),
                        el(
                                        "span",
                                        foreign(judgement.finding() + " Source: "
                                                + judgement.claim().source() + "."))
                                .of("effect"))
                .of(verdict);
    }

    private static Table numbers(StudyResult result) {
        Map<CellId, List<CellResult>> groups = result.groups();
        List<String> coordinates = result.study().coordinates().keySet().stream()
                .filter(coordinate -> !coordinate.equals(CellId.SEED))
                .toList();
        Map<String, String> units = new LinkedHashMap<>();
        result.rows().stream()
                .filter(row -> result.study().metrics().contains(row.metric()))
                .forEach(row -> units.putIfAbsent(row.metric(), row.unit()));
        List<String> metrics =
                result.study().metrics().stream().filter(units::containsKey).toList();
        boolean seeds = result.study().coordinates().containsKey(CellId.SEED);
        List<String> columns = new ArrayList<>(coordinates);
        if (seeds) {
            columns.add("seeds");
        }
        for (String metric : metrics) {
            String unit = requireNonNull(units.get(metric), metric);
            columns.add(metric.replace('_', ' ') + (unit.isEmpty() ? "" : " (" + unit + ")"));
            if (seeds) {
                columns.add("±");
            }
        }
        List<List<Object>> rows = new ArrayList<>();
        groups.forEach((id, cells) -> {
            List<Object> row = new ArrayList<>();
            coordinates.forEach(coordinate -> row.add(id.get(coordinate).orElse("–")));
            if (seeds) {
                row.add(cells.size());
            }
            for (String metric : metrics) {
                double[] values = CellResult.last(cells, metric);
                Summary summary = values.length == 0 ? null : Summary.of(values);
                row.add(summary == null ? null : summary.mean());
                if (seeds) {
                    OptionalDouble half =
                            summary == null ? OptionalDouble.empty() : Curves.halfWidth(result, id, metric);
                    row.add(half.isEmpty() ? null : half.getAsDouble());
                }
            }
            rows.add(row);
        });
        return new Table(columns, rows);
    }

    /** What the study's data, models and worlds are, and the rows that were left out, by reason. */
    private void descriptions(List<Markup> parts) {
        List<List<Object>> rows = new ArrayList<>();
        for (CellResult cell : result.cells()) {
            boolean about = cell.id().get(CellId.ABOUT).isPresent();
            for (Measurements.Measurement value : cell.measurements().values()) {
                if (about || value.metric().startsWith(Measurements.LEFT_OUT) && value.value() > 0) {
                    rows.add(List.of(cell.id().toString(), value.metric(), value.value(), value.unit()));
                }
            }
        }
        if (!rows.isEmpty()) {
            Table table = new Table(List.of("of", "what", "value", "unit"), rows);
            parts.add(el(
                    "details",
                    el("summary", "Data, models and bounds; rows left out"),
                    table.markup("Data, models and bounds; rows left out, by reason")));
        }
    }

    private void samples(int level, List<Markup> parts) {
        if (run.isEmpty() || !(study() instanceof OnlineStudy)) {
            return;
        }
        List<OnlineSamples.Sample> samples = OnlineSamples.of(run.get(), PROMPTS_SHOWN);
        if (!samples.isEmpty()) {
            parts.add(responses(level, samples));
        }
    }

    /** Prompts and responses, whose text is anybody's. */
    static Markup responses(int level, List<OnlineSamples.Sample> samples) {
        List<Markup> inside = new ArrayList<>();
        inside.add(el("summary", "Sample responses – content warning: models may write what is false or offensive"));
        String prompt = null;
        List<OnlineSamples.Sample> byPrompt = samples.stream()
                .sorted(Comparator.comparing(OnlineSamples.Sample::prompt))
                .toList();
        for (OnlineSamples.Sample sample : byPrompt) {
            if (!sample.prompt().equals(prompt)) {
                prompt = sample.prompt();
                inside.add(heading(level + 2, "Prompt"));
                inside.add(el("p", prompt).of("response").with("dir", "auto"));
            }
            inside.add(el(
                            "p",
                            foreign(sample.cell().toString()),
                            text(", reward " + Numbers.text(sample.reward()) + (sample.ended() ? "" : ", cut off")))
                    .of("by"));
            inside.add(el("p", sample.response()).of("response").with("dir", "auto"));
        }
        return el("details", inside);
    }

    private void provenance(int level, List<Markup> parts) {
        List<Markup> facts = new ArrayList<>();
        result.provenance().facts().forEach((fact, value) -> fact(facts, fact, value));
        run.ifPresent(one -> {
            fact(facts, "study SHA-256", one.studyHash());
            one.contents().forEach((file, hash) -> fact(facts, file, hash));
            fact(facts, "worked on since", String.join(", ", one.sessions()));
        });
        List<Markup> lines = new ArrayList<>();
        StudyJson.write(study()).lines().forEach(line -> lines.add(text(line + "\n")));
        parts.add(el(
                "details",
                el("summary", "Provenance, and how to run it again"),
                again(),
                el("dl", facts),
                heading(level + 2, "The study"),
                el("pre", el("code", lines)).with("tabindex", 0)));
    }

    private Markup again() {
        if (run.isEmpty()) {
            return el("p", "Not kept in a directory: run the study below again, with 'preference run STUDY.json'.");
        }
        String directory = run.get().directory().toString();
        return el(
                "ul",
                el(
                        "li",
                        el("code", "preference resume " + directory),
                        text(" goes on with it, if anything is missing")),
                el("li", el("code", "preference reproduce " + directory), text(" computes it again and compares")),
                el("li", el("code", "preference run STUDY.json --out DIR"), text(" runs the study below elsewhere")));
    }

    private static void fact(List<Markup> facts, String name, String value) {
        facts.add(el("dt", foreign(name)));
        facts.add(el("dd", foreign(value)));
    }
}
