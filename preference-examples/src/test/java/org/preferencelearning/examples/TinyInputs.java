package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.preferencelearning.experiments.exact.ExactStudy;
import org.preferencelearning.experiments.flagship.CaseBook;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.study.StudyJson;

/** Inputs on which every command ends within seconds. */
final class TinyInputs {
    private static final Path GOLDEN = Path.of("../preference-gpt2/src/test/resources/golden-tiny");
    /** Tokens that the models take. */
    static final int POSITIONS = 256;

    private final Path folder;

    /** Makes pairs, a policy, a reward model and annotated responses in {@code folder}. */
    TinyInputs(Path folder) {
        this.folder = folder;
        ExactStudy study = CaseBook.policyMisspecified(1, 0.2);
        Runners.local(folder.resolve("finished")).run(study);
        try {
            Files.write(folder.resolve("pairs.jsonl"), pairs());
            Files.write(folder.resolve("unpaired.jsonl"), unpaired());
            Files.writeString(folder.resolve("study"), StudyJson.write(study));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        run("sft --data {pairs} --format PROMPT_CHOSEN_REJECTED --layers 1 --width 8 --heads 2 --max-length 32"
                + " --batch-size 4 --learning-rate 0.01 --out {sft}");
        run("train-rm --data {pairs} --format PROMPT_CHOSEN_REJECTED --sft-model-name {sft} --learning-rate 0.01"
                + " --output-dir {rm}");
        run("generate --data {pairs} --format PROMPT_CHOSEN_REJECTED --model {sft} --K 3 --max-new-tokens 6"
                + " --output-dir {responses}");
        run("annotate --reward-model {rm} --dataset-path {responses} --output-dir {rewards}");
        run(lines().get("train-dpo").replace("{out}", "{tuned}"));
    }

    private void run(String line) {
        CommandRun run = CommandRun.of(arguments(line));
        assertThat(run.code()).as(run.toString()).isZero();
    }

    private static List<String> pairs() throws IOException {
        List<String> rows = new ArrayList<>();
        ObjectMapper mapper = new ObjectMapper();
        for (int i = 0; i < 24; i++) {
            rows.add(mapper.writeValueAsString(Map.of(
                    "prompt", "question " + i, "chosen", " yes, " + i + " is good", "rejected", " no, not " + i)));
        }
        return rows;
    }

    private static List<String> unpaired() throws IOException {
        List<String> rows = new ArrayList<>();
        ObjectMapper mapper = new ObjectMapper();
        for (int i = 0; i < 12; i++) {
            rows.add(mapper.writeValueAsString(
                    Map.of("prompt", "question " + i, "completion", " it is " + i * i, "label", i % 3 > 0)));
        }
        return rows;
    }

    /** The arguments of a line in which names in braces stand for files. */
    List<String> arguments(String line) {
        return List.of(line.replace("{golden}", GOLDEN.toString())
                .replace("{pairs}", path("pairs.jsonl"))
                .replace("{unpaired}", path("unpaired.jsonl"))
                .replace("{sft}", path("sft"))
                .replace("{rm}", path("rm"))
                .replace("{responses}", path("responses.json"))
                .replace("{rewards}", path("rewards.json"))
                .replaceAll("\\{(\\w+)}", path("$1"))
                .split(" "));
    }

    String path(String name) {
        return folder.resolve(name).toString();
    }

    /** A line for every command; {@code {out}} is what it writes. */
    static Map<String, String> lines() {
        String pairs = " --data {pairs} --format PROMPT_CHOSEN_REJECTED";
        String train = " --model-name-or-path {sft} --ref-model {sft} --train-dir {rewards} --batch-size 4"
                + " --learning-rate 0.01 --warmup-steps 0 --output-dir {out}";
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("quickstart", "quickstart" + pairs + " --sizes 8 --max-length 32");
        lines.put("exact", "exact");
        lines.put("exact-gpt2", "exact-gpt2 --seeds 1 --conditions BOTH_ISOMORPHIC");
        lines.put("sparse-gpt2", "sparse-gpt2 --sizes 50 --seeds 1");
        lines.put("sparse", "sparse --sizes 100,200 --seeds 2 --dimension 10");
        lines.put("doctor", "doctor");
        lines.put("conformance", "conformance {golden}");
        lines.put("online", "online" + pairs + " --scale 0.001 --iterations 1 --seeds 41 --conditions NONE");
        lines.put("data-size", "data-size" + pairs + " --data-size 8 --seeds 41");
        lines.put("losses", "losses");
        lines.put("plan", "plan --gflops 100");
        lines.put(
                "sft",
                "sft" + pairs + " --layers 1 --width 8 --heads 2 --max-length 32 --batch-size 4 --learning-rate 0.01"
                        + " --out {out}");
        lines.put("generate", "generate" + pairs + " --model {sft} --max-new-tokens 6 --output-dir {out}");
        lines.put("annotate", "annotate --reward-model {rm} --dataset-path {responses} --output-dir {out}");
        lines.put("train-dpo", "train-dpo" + train);
        lines.put("train-pg", "train-pg" + train);
        lines.put(
                "train-kto",
                "train-kto --model-name-or-path {sft} --ref-model {sft} --data {unpaired} --batch-size 4"
                        + " --learning-rate 0.01 --output-dir {out}");
        lines.put("train-rm", "train-rm" + pairs + " --sft-model-name {sft} --learning-rate 0.01 --output-dir {out}");
        lines.put("evaluate", "evaluate {rewards} --against {rewards}");
        lines.put("kl", "kl" + pairs + " --model {tuned} --ref-model {sft} --max-new-tokens 6");
        lines.put(
                "bench", "bench dpo load --layers 1 --width 8 --heads 2 --pairs 2 --length 16 --repeats 2 --warmup 1");
        lines.put("run", "run {study} --out {out}");
        lines.put("resume", "resume {finished}");
        lines.put("reproduce", "reproduce {finished}");
        lines.put("runs", "runs {finished}");
        lines.put("report", "report {finished} --out {out}.html");
        lines.put("rows", "rows {finished}");
        return lines;
    }
}
