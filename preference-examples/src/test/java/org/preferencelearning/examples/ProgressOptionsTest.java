package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.preferencelearning.experiments.dsl.Studies.dataSizeStudy;
import static org.preferencelearning.experiments.dsl.Studies.gpt2;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;
import static org.preferencelearning.experiments.dsl.Studies.sparseTextWorld;
import static org.preferencelearning.experiments.dsl.Studies.validationAccuracy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.experiments.study.StudyJson;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.graph.Gpt2Config;

class ProgressOptionsTest {
    @TempDir
    Path folder;

    @Test
    void aRunTellsEventsOnStandardErrorAndWritesMetricsForTensorBoard() throws IOException {
        Path study = Files.writeString(
                folder.resolve("study.json"),
                StudyJson.write(dataSizeStudy("small")
                        .model(gpt2(new Gpt2Config(100, 32, 8, 1, 1, 1e-5, 99)))
                        .dataset(sparseTextWorld(SparseTextWorld.standard(), 40))
                        .sizes(8, 16)
                        .seeds(1)
                        .compare(rewardModel().maxLength(31))
                        .training(t -> t.withEpochs(1).withLearningRate(1e-3))
                        .validationShare(0.2)
                        .measure(validationAccuracy())));
        CommandRun run = CommandRun.of(
                "run",
                study.toString(),
                "--out",
                folder.resolve("run").toString(),
                "--progress",
                "json",
                "--tensorboard",
                folder.resolve("board").toString());
        assertThat(run.code()).as(run.toString()).isZero();
        Set<String> kept = names(folder.resolve("run/tasks"));
        Set<String> told = new TreeSet<>();
        for (String line :
                run.err().lines().filter(line -> line.startsWith("{")).toList()) {
            JsonNode event = new ObjectMapper().readTree(line);
            if (event.path("event").textValue().equals("done")) {
                told.add(event.path("task").textValue());
            }
        }
        assertThat(told).containsAll(kept);
        Set<String> recorded = kept.stream()
                .filter(task ->
                        Files.exists(folder.resolve("run/tasks").resolve(task).resolve("metrics.jsonl")))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(recorded).hasSize(3);
        assertThat(names(folder.resolve("board"))).isEqualTo(recorded);
    }

    @Test
    void whatIsNoFormOrNoFolderIsRefusedBeforeTheWork() throws IOException {
        CommandRun form = CommandRun.of("exact", "--progress", "sparkles");
        assertThat(form.code()).isEqualTo(2);
        assertThat(form.err()).contains("--progress").contains("BAR, LOG, JSON");
        Path file = Files.writeString(folder.resolve("file"), "x");
        for (String command : List.of("exact", "sparse", "sparse-gpt2", "exact-gpt2")) {
            CommandRun nothing = CommandRun.of(
                    command, "--tensorboard", folder.resolve("new").toString());
            assertThat(nothing.code()).as(command).isEqualTo(2);
            assertThat(nothing.err()).contains("nothing for a study without a model's updates");
        }
        CommandRun taken = CommandRun.of("quickstart", "--tensorboard", file.toString());
        assertThat(taken.code()).isEqualTo(2);
        assertThat(taken.err()).contains("--tensorboard").contains("the name of a folder");
        assertThat(List.of(taken.out())).containsExactly("");
    }

    private static Set<String> names(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
