package org.preferencelearning.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.error.SettingException;

class WorkFolderTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void theNewestStatesAreKept(int kept) throws IOException {
        Saving saving = new Saving(Duration.ofHours(1), kept);
        WorkFolder work = new WorkFolder(
                folder.resolve("work"), Exchange.none(folder), "", saving, (state, damage) -> {}, took -> {});
        for (int i = 1; i <= 5; i++) {
            save(work, i);
        }
        try (Stream<Path> states = Files.list(folder.resolve("work"))) {
            assertThat(states.map(state -> state.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(
                            List.of("state-3", "state-4", "state-5").subList(3 - kept, 3));
        }
        assertThat(restored(work)).isEqualTo("state 5");
        assertThat(work.metrics()).hasSize(5);
    }

    @Test
    void aStateIsDueAfterThePauseAndSavingTakesAFiftiethAtMost() {
        long second = 1_000_000_000L;
        assertThat(Saving.standard().pause(0)).isEqualTo(10 * second);
        assertThat(Saving.standard().pause(second)).isEqualTo(50 * second);
        assertThat(Saving.everyStep().pause(second)).isZero();
        WorkFolder seldom = new WorkFolder(
                folder.resolve("work"),
                Exchange.none(folder),
                "",
                new Saving(Duration.ofHours(1), 2),
                (state, damage) -> {},
                took -> {});
        assertThat(seldom.due()).isFalse();
        assertThat(new WorkFolder(
                                folder.resolve("work"),
                                Exchange.none(folder),
                                "",
                                Saving.everyStep(),
                                (state, damage) -> {},
                                took -> {})
                        .due())
                .isTrue();
        assertThatThrownBy(() -> new Saving(Duration.ZERO, 1)).isInstanceOf(SettingException.class);
        assertThatThrownBy(() -> new Saving(Duration.ofNanos(-1), 2)).isInstanceOf(SettingException.class);
    }

    /** Each file of the newest state cut or changed at 200 random places: the state before it is taken. */
    @Test
    void aDamagedStateIsSetAsideAndTheOneBeforeItTaken() throws IOException {
        Random random = new Random(41);
        for (String file : List.of("content", "metrics.jsonl", SealedFolder.SEAL)) {
            for (int trial = 0; trial < 200; trial++) {
                Path parent = folder.resolve(file + trial);
                String[] damages = new String[1];
                WorkFolder work = new WorkFolder(
                        parent,
                        Exchange.none(folder),
                        "",
                        Saving.standard(),
                        (state, damage) -> {
                            assertThat(state).hasFileName("state-2");
                            damages[0] = damage;
                            SealedFolder.delete(state);
                        },
                        took -> {});
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
        WorkFolder work = new WorkFolder(
                folder.resolve("work"),
                Exchange.none(folder),
                "",
                Saving.standard(),
                (state, damage) -> SealedFolder.delete(state),
                took -> {});
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
