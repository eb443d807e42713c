package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.experiments.flagship.CaseBook;
import org.preferencelearning.experiments.run.Runners;

class RunsCommandTest {
    @TempDir
    Path folder;

    @Test
    void everyRunIsListedAndOneThatCannotBeReadDoesNotHideTheOthers() throws IOException {
        for (String name : List.of("a", "b", "c", "d")) {
            Runners.local(folder.resolve(name)).run(CaseBook.policyMisspecified(1, 0.2));
        }
        Files.writeString(folder.resolve("b/manifest.json"), "{");
        // what a process that is at work has written; this one is alive
        Files.writeString(
                folder.resolve("c/lock"), "process " + ProcessHandle.current().pid() + ", since 2026-01-01T00:00:00Z");
        // and one that was killed
        Files.writeString(folder.resolve("d/lock"), "process 999999999, since 2026-01-01T00:00:00Z");
        CommandRun run = CommandRun.of("runs", folder.toString(), "--json");
        assertThat(run.code()).isEqualTo(2);
        List<String> lines = run.out().lines().toList();
        assertThat(lines.get(0)).matches(".*/a +(\\d+) of \\1 cells  done, since .*");
        assertThat(lines.get(1)).contains("/b ").contains("manifest.json: not JSON: it ends inside a value");
        assertThat(lines.get(2)).contains("/c ").contains("cells  at work: process ");
        assertThat(lines.get(3)).contains("/d ").contains("cells  done, since ");
        JsonNode runs = run.json().get("runs");
        assertThat(runs).hasSize(4);
        assertThat(runs.get(1).get("problem").textValue()).contains("manifest.json");
        assertThat(runs.get(2).get("atWork").booleanValue()).isTrue();
        assertThat(runs.get(3).get("atWork").booleanValue()).isFalse();
    }
}
