package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The scripts that carry a check to a machine with a GPU: what they refuse, and that a shell can read them. */
@DisabledOnOs(OS.WINDOWS)
class GpuCheckTest {
    @TempDir
    Path folder;

    private String errors;

    private int run(String... command) throws IOException, InterruptedException {
        Path err = folder.resolve("err");
        Process process = new ProcessBuilder(new ArrayList<>(List.of(command)))
                .redirectError(err.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        int code = process.waitFor();
        errors = Files.readString(err, StandardCharsets.UTF_8);
        return code;
    }

    @Test
    void withoutAFolderItSaysWhatItTakes() throws Exception {
        assertThat(run("sh", "bin/gpu-check")).isEqualTo(2);
        assertThat(errors).contains("gpu-check OUT [GOLDEN]").contains("sh run.sh");
    }

    @Test
    void whatIsThereIsNotWrittenOver() throws Exception {
        Path out = Files.createDirectory(folder.resolve("out"));
        assertThat(run("sh", "bin/gpu-check", out.toString())).isEqualTo(2);
        assertThat(errors).contains(out + " exists");
        assertThat(out).isEmptyDirectory();
    }

    @Test
    void recordedValuesMustBeThere() throws Exception {
        Path out = folder.resolve("new");
        assertThat(run("sh", "bin/gpu-check", out.toString(), folder.toString()))
                .isEqualTo(2);
        assertThat(errors).contains(folder + " has no golden.json");
        assertThat(out).doesNotExist();
    }

    @Test
    void aStepThatIsNoneIsRefusedByName() throws Exception {
        assertThat(run("sh", "gpu-check/run.sh", "speeed")).isEqualTo(2);
        assertThat(errors).contains("no step 'speeed'").contains("unpack doctor conformance");
    }
}
