package org.preferencelearning.examples;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.dual.DualTokenSampleStudy;
import org.preferencelearning.experiments.dual.DualTokenStudy;
import org.preferencelearning.experiments.exact.ExactStudy;
import org.preferencelearning.experiments.exact.WinnerMapStudy;
import org.preferencelearning.experiments.report.Reports;
import org.preferencelearning.experiments.result.CellResult;
import org.preferencelearning.experiments.result.Judgement;
import org.preferencelearning.experiments.result.Needed;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.run.LocalRunner;
import org.preferencelearning.experiments.run.RunStatus;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.sparse.SampleComplexityStudy;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.spark.SparkProgram;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where a study is run, and what is told of it. */
final class StudyRunOptions {
    /** Studies whose models, if any, are found without the updates of a trainer. */
    private static final Set<Class<? extends Study>> UPDATES_NOTHING = Set.of(
            ExactStudy.class,
            WinnerMapStudy.class,
            SampleComplexityStudy.class,
            DualTokenStudy.class,
            DualTokenSampleStudy.class);

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Keep the run in DIR, so that it survives a crash and can be resumed (default: not kept).")
    private @Nullable Path out;

    @Mixin
    private ProgressOptions progress;

    private @Nullable Path last;

    /** Runs a study; asked to stop, it saves its state first. */
    StudyResult run(Study study) {
        if (UPDATES_NOTHING.contains(study.getClass())) {
            withoutUpdates();
        }
        if (out == null) {
            return configured(Runners.inMemory()).run(study);
        }
        requireName(out);
        last = out;
        return configured(Runners.local(out)).run(study);
    }

    /**
     * Runs a study on Spark.
     *
     * @param shared through which executors exchange results that do not see the folder
     */
    StudyResult runOnSpark(String option, String master, Optional<URI> shared, Study study) {
        SettingException.require(
                out != null,
                "--out",
                "missing",
                "with " + option + ", the name of a folder that all executors see, or, with --shared, of one here");
        Path directory = requireNonNull(out, "out");
        requireName(directory);
        last = directory;
        return SparkProgram.run(option, master, study, directory, shared, progress.progress(), StopSignal.install());
    }

    /** Runs one of several studies, in a folder of its own. */
    StudyResult run(Study study, String folder) {
        if (out == null) {
            return configured(Runners.inMemory()).run(study);
        }
        requireName(out);
        requireRunsOnly(out);
        last = out.resolve(folder);
        return configured(Runners.local(last)).run(study);
    }

    /** Throws if how to tell of the run cannot be had, for commands that begin to print before they run a study. */
    void check() {
        progress.check();
    }

    /** Throws if something is asked of updates, of which the command's studies make none. */
    void withoutUpdates() {
        progress.requireNoUpdatesAsked();
    }

    /** Several runs lie side by side in a folder that holds nothing else. */
    private static void requireRunsOnly(Path directory) {
        SettingException.require(
                !RunStatus.isRun(directory), "--out", directory, "a folder for several runs, which is none itself");
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> others = files.filter(file -> !RunStatus.isRunOrEmpty(file) && !Reports.isReport(file))
                    .limit(3)
                    .toList();
            SettingException.require(
                    others.isEmpty(), "--out", directory + ", which holds " + others, "a new folder, or one of runs");
        } catch (IOException e) {
            throw new UncheckedIOException(directory + ": cannot be read: " + e.getMessage(), e);
        }
    }

    static void requireName(Path directory) {
        SettingException.require(!directory.toString().isBlank(), "--out", "''", "the name of a folder");
    }

    private LocalRunner configured(LocalRunner runner) {
        return configured(runner, progress);
    }

    static LocalRunner configured(LocalRunner runner, ProgressOptions progress) {
        return runner.progress(progress.progress()).stopWhen(StopSignal.install());
    }

    /** Where the run lies and how to go on with it; empty if it is not kept. */
    String place() {
        return out == null
                ? ""
                : String.format(
                        "%nKept in %s: 'preference report %s' writes it as a page with charts, 'preference runs %s' lists"
                                + " it,%n'preference resume %s' goes on with it, 'preference reproduce %s' computes it again"
                                + " and compares.%n",
                        out, out, out, last, last);
    }

    /** A result for programs: the same for every kind of study. */
    static Map<String, Object> json(StudyResult result) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("study", result.study().name());
        json.put("cells", result.cells().stream().map(StudyRunOptions::cell).toList());
        json.put(
                "claims",
                result.judgements().stream().map(StudyRunOptions::claim).toList());
        json.put("provenance", result.provenance().facts());
        return json;
    }

    private static Map<String, Object> cell(CellResult cell) {
        Map<String, Object> json = new LinkedHashMap<>();
        cell.id().coordinates().forEach((name, value) -> {
            boolean number = name.equals(CellId.SIZE) || name.equals(CellId.SEED);
            json.put(name, number ? (Object) Long.valueOf(value) : value);
        });
        Map<String, Double> last = new LinkedHashMap<>();
        cell.measurements()
                .values()
                .forEach(value -> last.put(
                        value.metric(), cell.measurements().last(value.metric()).orElseThrow()));
        json.put("metrics", last);
        return json;
    }

    private static Map<String, Object> claim(Judgement judgement) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("claim", judgement.claim().toString());
        json.put("at", judgement.at());
        json.put("metric", judgement.claim().metric());
        json.put("source", judgement.claim().source());
        json.put("difference", judgement.difference());
        json.put("unit", judgement.unit());
        judgement.interval().ifPresent(interval -> {
            json.put("low", interval.low());
            json.put("high", interval.high());
        });
        judgement.p().ifPresent(p -> json.put("p", p));
        judgement.adjustedP().ifPresent(p -> json.put("adjustedP", p));
        json.put("method", judgement.method().label());
        json.put("seeds", judgement.seeds());
        json.put("items", judgement.items());
        json.put("unpaired", judgement.unpaired());
        json.put(
                "needed",
                judgement.needed().stream().map(StudyRunOptions::needed).toList());
        json.put("verdict", judgement.verdict().name().toLowerCase(Locale.ROOT));
        json.put("answer", judgement.answer());
        return json;
    }

    private static Map<String, Object> needed(Needed needed) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("purpose", needed.purpose().name().toLowerCase(Locale.ROOT));
        json.put("difference", needed.difference());
        needed.seeds().ifPresent(seeds -> json.put("seeds", seeds));
        needed.items().ifPresent(items -> json.put("items", items));
        return json;
    }

    /** The claims that a study can answer after it was narrowed; the others are named on standard error. */
    static Claim[] answerable(Study study, List<Claim> claims, Output output) {
        List<Claim> kept = new ArrayList<>();
        for (Claim claim : claims) {
            if (claim.isAnswerableBy(study)) {
                kept.add(claim);
            } else {
                output.warning("the claim '" + claim + "' is left out: this run does not have all its cells");
            }
        }
        return kept.toArray(Claim[]::new);
    }
}
