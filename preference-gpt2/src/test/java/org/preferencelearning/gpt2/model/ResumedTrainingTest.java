package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.preferencelearning.core.internal.io.JsonFiles;
import org.preferencelearning.core.train.StepReport;
import org.preferencelearning.gpt2.model.ResumableTraining.Kind;
import org.preferencelearning.gpt2.weights.StateFolder;

class ResumedTrainingTest {
    private static final Set<Kind> OTHER_PROCESS =
            EnumSet.of(Kind.DPO, Kind.ROUNDED_MOMENTS, Kind.REWARD_MODEL_WITH_DROPOUT);

    @TempDir
    Path folder;

    /** Also that saving changes nothing: one training is saved after every update, the other never. */
    @ParameterizedTest
    @MethodSource("kinds")
    void goesOnWithTheSameBitsAfterAnyUpdate(Kind kind) throws Exception {
        List<StepReport> reports;
        try (ResumableTraining whole = ResumableTraining.of(kind)) {
            reports = whole.finish();
            StateFolder.write(folder.resolve("end"), whole.run());
        }
        try (ResumableTraining saving = ResumableTraining.of(kind)) {
            while (!saving.run().done()) {
                StateFolder.write(after(saving.run().stepsMade()), saving.run());
                saving.run().step();
            }
            StateFolder.write(after(saving.run().stepsMade()), saving.run());
            assertSame(after(reports.size()), folder.resolve("end"));
        }
        for (int stop = 0; stop < reports.size(); stop++) {
            try (ResumableTraining resumed = ResumableTraining.of(kind)) {
                StateFolder.read(after(stop), resumed.run());
                assertThat(resumed.run().stepsMade()).isEqualTo(stop);
                assertThat(resumed.finish()).isEqualTo(reports.subList(stop, reports.size()));
                StateFolder.write(folder.resolve("resumed " + stop), resumed.run());
                assertSame(folder.resolve("resumed " + stop), folder.resolve("end"));
            }
        }
    }

    static List<Kind> kinds() {
        return Kind.here();
    }

    private Path after(long steps) {
        return folder.resolve("after " + steps);
    }

    @Test
    void goesOnInAnotherProcess() throws Exception {
        List<String> arguments = new ArrayList<>();
        List<Kind> kinds = kinds().stream().filter(OTHER_PROCESS::contains).toList();
        for (Kind kind : kinds) {
            try (ResumableTraining whole = ResumableTraining.of(kind)) {
                whole.run().step();
                StateFolder.write(folder.resolve(kind + " after 1"), whole.run());
                whole.finish();
                StateFolder.write(folder.resolve(kind + " end"), whole.run());
            }
            arguments.add(kind.name());
            arguments.add(folder.resolve(kind + " after 1").toString());
            arguments.add(folder.resolve(kind + " resumed").toString());
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dpreference.device=" + Computing.standard().device(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
        command.add(ResumableTraining.class.getName());
        command.addAll(arguments);
        File log = folder.resolve("log").toFile();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        assertThat(process.waitFor()).as(Files.readString(log.toPath())).isZero();
        for (Kind kind : kinds) {
            assertSame(folder.resolve(kind + " resumed"), folder.resolve(kind + " end"));
        }
    }

    /** Every byte of the tensors, and every other value but the time. */
    private static void assertSame(Path found, Path expected) throws Exception {
        assertThat(Files.mismatch(file(found, "tensors-"), file(expected, "tensors-")))
                .isEqualTo(-1);
        assertThat(values(found)).isEqualTo(values(expected));
    }

    private static Path file(Path state, String name) throws Exception {
        try (Stream<Path> files = Files.list(state)) {
            return files.filter(file -> file.getFileName().toString().startsWith(name))
                    .findAny()
                    .orElseThrow();
        }
    }

    private static JsonNode values(Path state) throws Exception {
        ObjectNode values = (ObjectNode) JsonFiles.read(file(state, "state-"));
        assertThat(values.remove("seconds").doubleValue()).isPositive();
        return values;
    }
}
