package org.preferencelearning.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkFolderTest {
    @TempDir
    Path folder;

    @Test
    void theNewestTwoStatesAreKept() throws IOException {
        WorkFolder work = new WorkFolder(folder.resolve("work"), (state, damage) -> {});
        for (int i = 1; i <= 5; i++) {
            save(work, i);
        }
        try (Stream<Path> states = Files.list(folder.resolve("work"))) {
            assertThat(states.map(state -> state.getFileName().toString()))
                    .containsExactlyInAnyOrder("state-4", "state-5");
        }
        assertThat(restored(work)).isEqualTo("state 5");
        assertThat(work.metrics()).hasSize(5);
    }

    /** Each file of the newest state cut or changed at 200 random places: the state before it is taken. */
    @Test
    void aDamagedStateIsSetAsideAndTheOneBeforeItTaken() throws IOException {
        Random random = new Random(41);
        for (String file : List.of("content", "metrics.jsonl", SealedFolder.SEAL)) {
            for (int trial = 0; trial < 200; trial++) {
                Path parent = folder.resolve(file + trial);
                String[] damages = new String[1];
                WorkFolder work = new WorkFolder(parent, (state, damage) -> {
                    assertThat(state).hasFileName("state-2");
                    damages[0] = damage;
                    SealedFolder.delete(state);
                });
                save(work, 1);
                save(work, 2);
                damage(parent.resolve("state-2").resolve(file), random);
                assertThat(restored(work)).as("%s, trial %d", file, trial).isEqualTo("state 1");
                assertThat(damages[0]).isNotEmpty();
                assertThat(work.metrics()).containsExactly("{\"step\":1}");
                SealedFolder.delete(parent);
            }
        }
    }

    @Test
    void withoutAnyWholeStateTheTaskBeginsAnew() throws IOException {
        WorkFolder work = new WorkFolder(folder.resolve("work"), (state, damage) -> SealedFolder.delete(state));
        save(work, 1);
        Files.delete(folder.resolve("work/state-1/content"));
        assertThat(work.restore(state -> {})).isFalse();
        assertThat(folder.resolve("work")).isEmptyDirectory();
    }

    private static void damage(Path file, Random random) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        if (random.nextBoolean()) {
            Files.write(file, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
        } else {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, bytes);
        }
    }

    private static void save(WorkFolder work, int number) {
        work.record("{\"step\":" + number + "}");
        work.save(state -> {
            try {
                Files.writeString(state.resolve("content"), "state " + number);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static String restored(WorkFolder work) {
        StringBuilder content = new StringBuilder();
        boolean there = work.restore(state -> {
            try {
                content.append(new String(Files.readAllBytes(state.resolve("content")), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertThat(there).isTrue();
        return content.toString();
    }
}
