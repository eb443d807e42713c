package org.preferencelearning.core.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writers that are killed, without a chance to clean up, at times spread over their saves. The system property
 * {@code preference.kills} says how many (10).
 */
@DisabledOnOs(OS.WINDOWS)
class KilledWriterTest {
    private static final Logger LOG = LoggerFactory.getLogger(KilledWriterTest.class);
    private static final long SEED = 20261125;

    @TempDir
    Path home;

    private Process killed;

    @Test
    void theFolderIsNeverAbsentOrHalfWrittenAndTheNextStartLeavesNothing() throws Exception {
        Path out = home.resolve("out");
        TreeMap<String, String> users = usersFiles();
        SplittableRandom random = new SplittableRandom(SEED);
        int withLeftovers = 0;
        for (int kill = 0; kill < kills(); kill++) {
            boolean present = kill % 2 == 0;
            FolderContents.deleteUnfinished(out);
            if (present) {
                OutputFolder.replace(out, fresh -> SavingProcess.fill(fresh, (byte) 101));
            }
            // an absent target matters until the first save is done only
            killWhileSaving("folder", out, random.nextDouble(present ? 3 : 1.2), present);
            if (hasLeftovers(out)) {
                withLeftovers++;
            }
            OutputFolder.check("--out", out, 1000);
            if (Files.exists(out)) {
                assertThat(SavingProcess.versionOfFolder(out)).isPositive();
                assertThat(OutputMarker.foreign(out, 1)).isEmpty();
            } else {
                assertThat(present).isFalse();
            }
            FolderContents.deleteUnfinished(home.resolve("practice"));
            FolderContents.deleteUnfinished(out);
            assertThat(OutputFolderTest.contents(home)).isEqualTo(users);
        }
        LOG.info("{} of {} killed saves had left something", withLeftovers, kills());
        assertThat(withLeftovers).isGreaterThan(kills() / 3);
    }

    @Test
    void aFileIsNeverHalfWrittenAndTheNextWriteLeavesNothing() throws Exception {
        Path out = home.resolve("out");
        TreeMap<String, String> users = usersFiles();
        SplittableRandom random = new SplittableRandom(SEED);
        for (int kill = 0; kill < kills() / 4; kill++) {
            killWhileSaving("file", out, random.nextDouble(3), false);
            if (Files.exists(out)) {
                SavingProcess.versionOfFile(out);
            }
            OutputFile.check("--out", out, 1000);
            Files.deleteIfExists(out);
            Files.delete(home.resolve("practice"));
            assertThat(OutputFolderTest.contents(home)).isEqualTo(users);
        }
    }

    private boolean hasLeftovers(Path out) throws IOException {
        String process = String.valueOf(killed.pid());
        return OutputFolderTest.names(home).stream().anyMatch(name -> TemporaryName.FOLDER
                .processOf(Path.of(name), out)
                .filter(process::equals)
                .isPresent());
    }

    private static int kills() {
        return Integer.getInteger("preference.kills", 10);
    }

    /** Neighbours that are called as if they were ours. */
    private TreeMap<String, String> usersFiles() throws IOException {
        for (String name : List.of(
                "out.old", "out.new", ".out.1-2.preference-writing", ".out.1-0123456789abcdef.preference-writing")) {
            Files.writeString(Files.createDirectory(home.resolve(name)).resolve("new"), "mine");
        }
        Files.writeString(home.resolve("out.partial"), "mine");
        Files.writeString(home.resolve(".out2.1-0123456789abcdef.preference-partial"), "mine");
        return OutputFolderTest.contents(home);
    }

    /** @param when in units of the time that one save takes */
    private void killWhileSaving(String kind, Path out, double when, boolean present) throws Exception {
        Process process = SavingProcess.start(kind, out, home.resolve("practice"));
        killed = process;
        AtomicReference<Throwable> seen = new AtomicReference<>();
        Thread reader = new Thread(() -> {
            try {
                lookUntilEnd(process, out);
            } catch (Throwable e) {
                seen.set(e);
            }
        });
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            String line;
            do {
                line = said.readLine();
                assertThat(line).isNotNull();
            } while (!line.matches("\\d+"));
            if (present) {
                reader.start();
            }
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            TimeUnit.NANOSECONDS.sleep((long) (when * Long.parseLong(line)));
            assertThat(process.isAlive()).isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
        reader.join();
        assertThat(seen.get()).isNull();
    }

    private static void lookUntilEnd(Process process, Path out) throws IOException {
        while (process.isAlive()) {
            assertThat(out).exists();
            for (String name : List.of("config", "one", "two")) {
                try {
                    SavingProcess.versionOfFile(out.resolve(name));
                } catch (NoSuchFileException e) {
                    // between the steps "find the folder" and "find the file in it" the folder was replaced and deleted
                    SavingProcess.versionOfFile(out.resolve(name));
                }
            }
        }
        assertThat(Files.isDirectory(out, LinkOption.NOFOLLOW_LINKS)).isTrue();
    }
}
