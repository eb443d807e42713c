package org.preferencelearning.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.experiments.flagship.CaseBook;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.task.StudyMapper;

class JsonProgressTest {
    @TempDir
    Path folder;

    @Test
    void everyTaskAndEveryCellIsToldOnceAndCountsAreRight() throws IOException {
        List<JsonNode> events = events(TinyStudies.dataSize());
        assertThat(events.get(0).path("event").textValue()).isEqualTo("run");
        int cells = events.get(0).path("cells").intValue();
        assertThat(cells).isEqualTo(9);
        List<String> begun = texts(events, "task", "task");
        assertThat(begun)
                .doesNotHaveDuplicates()
                .hasSize(events.get(0).path("tasks").intValue());
        assertThat(texts(events, "done", "task")).containsExactlyInAnyOrderElementsOf(begun);
        assertThat(begun).containsAll(kept());
        List<JsonNode> found = of(events, "cell").toList();
        assertThat(found).hasSize(cells);
        for (int i = 0; i < cells; i++) {
            assertThat(found.get(i).path("done").intValue()).isEqualTo(i + 1);
        }
        // each part belongs to a task that has begun and not ended, and ends with the steps with which it began
        Set<String> open = new HashSet<>();
        for (JsonNode event : events) {
            switch (event.path("event").textValue()) {
                case "task" -> open.add(event.path("task").textValue());
                case "done" ->
                    assertThat(open.remove(event.path("task").textValue())).isTrue();
                case "part", "step", "end" ->
                    assertThat(open).contains(event.path("task").textValue());
                default -> {}
            }
        }
        assertThat(open).isEmpty();
        assertThat(texts(events, "part", "part"))
                .contains("DPO, 16 pairs, seed 2")
                .hasSize(12);
        assertThat(texts(events, "end", "part")).isEqualTo(texts(events, "part", "part"));

        // a second time there is nothing to compute
        List<JsonNode> again = events(TinyStudies.dataSize());
        assertThat(again.get(0).path("tasks").intValue()).isZero();
        assertThat(texts(again, "task", "task")).isEmpty();
        assertThat(of(again, "cell")).hasSize(cells);
    }

    @Test
    void smallCellsAreToldToo() throws IOException {
        List<JsonNode> events = events(CaseBook.policyMisspecified(1, 0.2));
        assertThat(texts(events, "task", "task"))
                .hasSize(events.get(0).path("tasks").intValue())
                .containsExactlyInAnyOrderElementsOf(kept());
        assertThat(texts(events, "done", "task")).isEqualTo(texts(events, "task", "task"));
    }

    @Test
    void aStepIsToldOnceASecondWithItsMetrics() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long[] millis = {0};
        Clock clock = new Clock() {
            @Override
            public long millis() {
                return millis[0];
            }

            @Override
            public Instant instant() {
                return Instant.ofEpochMilli(millis[0]);
            }

            @Override
            public java.time.ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }
        };
        JsonProgress progress = new JsonProgress(new PrintStream(out, true, StandardCharsets.UTF_8), clock);
        progress.task("train-1", "DPO");
        progress.begin("DPO", 10);
        for (int step = 1; step <= 10; step++) {
            millis[0] += 400;
            progress.metrics("train-1", step, Map.of("loss", 1.0 / step));
            progress.step(step, "loss");
        }
        progress.end("");
        List<JsonNode> steps = of(read(out), "step").toList();
        assertThat(steps).extracting(step -> step.path("done").intValue()).containsExactly(3, 6, 9);
        assertThat(steps.get(1).path("metrics").path("loss").doubleValue()).isEqualTo(1.0 / 6);
        assertThat(steps.get(1).path("steps").intValue()).isEqualTo(10);
        assertThat(steps.get(1).path("seconds").doubleValue()).isEqualTo(2.4);
        // a task within another, as for an input that is not kept
        progress.task("load-1", "pairs");
        progress.begin("hashing", 1);
        progress.taskDone("load-1");
        progress.begin("DPO again", 1);
        assertThat(texts(read(out), "part", "task")).containsExactly("train-1", "load-1", "train-1");
    }

    private List<JsonNode> events(Study study) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Progress progress = new JsonProgress(new PrintStream(out, true, StandardCharsets.UTF_8), Clock.systemUTC());
        Runners.local(folder.resolve("run")).progress(progress).run(study);
        return read(out);
    }

    private static List<JsonNode> read(ByteArrayOutputStream out) {
        List<JsonNode> events = new ArrayList<>();
        out.toString(StandardCharsets.UTF_8).lines().forEach(line -> {
            try {
                events.add(StudyMapper.line().readTree(line));
            } catch (IOException e) {
                throw new AssertionError(line, e);
            }
        });
        return events;
    }

    private Set<String> kept() throws IOException {
        try (Stream<Path> tasks = Files.list(folder.resolve("run/tasks"))) {
            return tasks.map(task -> task.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Stream<JsonNode> of(List<JsonNode> events, String name) {
        return events.stream().filter(event -> event.path("event").textValue().equals(name));
    }

    private static List<String> texts(List<JsonNode> events, String name, String field) {
        return of(events, name).map(event -> event.path(field).textValue()).toList();
    }
}
