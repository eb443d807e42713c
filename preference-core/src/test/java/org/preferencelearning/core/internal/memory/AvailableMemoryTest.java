package org.preferencelearning.core.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.preferencelearning.core.error.MemoryException;
import org.preferencelearning.core.error.SettingException;

class AvailableMemoryTest {
    private static final long GIB = 1L << 30;
    private static final long RESERVE = 256L << 20;

    @TempDir
    Path root;

    @Test
    void whatTheSystemHasLeftCountsWithItsSwap() throws IOException {
        write(
                "proc/meminfo",
                "MemTotal:       24000000 kB\nMemAvailable:    8388608 kB\nSwapFree:        1048576 kB\n");
        assertThat(bytes()).containsExactly(9 * GIB);
    }

    @Test
    void limitsOfTheProcessCountWithoutWhatItHas() throws IOException {
        write("proc/self/limits", """
                Limit                     Soft Limit           Hard Limit           Units
                Max data size             4294967296           unlimited            bytes
                Max address space         6442450944           unlimited            bytes
                """);
        write("proc/self/status", "VmPeak:\t 9 kB\nVmSize:\t 2097152 kB\nVmData:\t 1048576 kB\n");
        assertThat(bytes()).containsExactly(4 * GIB - RESERVE, 3 * GIB - RESERVE);
        write("proc/self/status", "VmSize:\t 8388608 kB\nVmData:\t 1 kB\n");
        assertThat(bytes().get(0)).isZero();
        write("proc/self/limits", "Max address space         unlimited            unlimited            bytes\n");
        assertThat(bytes()).isEmpty();
    }

    @Test
    void theGroupAndAllAboveItCount() throws IOException {
        write("proc/self/cgroup", "0::/a/b\n");
        write("sys/fs/cgroup/a/b/memory.max", "max\n");
        write("sys/fs/cgroup/a/b/memory.current", "1073741824\n");
        write("sys/fs/cgroup/a/memory.max", "3221225472\n");
        write("sys/fs/cgroup/a/memory.current", "2147483648\n");
        write("sys/fs/cgroup/a/memory.stat", "anon 5\ninactive_file 1073741824\nactive_file 536870912\nfile 9\n");
        assertThat(bytes()).containsExactly(5 * GIB / 2);
    }

    /** Inside a container the path is that of the outside, and the files are at the top. */
    @Test
    void olderGroupsAndContainersCount() throws IOException {
        write("proc/self/cgroup", "5:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "2147483648\n");
        write("sys/fs/cgroup/memory/memory.usage_in_bytes", "1073741824\n");
        assertThat(bytes()).containsExactly(GIB);
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        assertThat(bytes()).allMatch(left -> left > 1L << 50);
    }

    @Test
    void aPathOutOfTheGroupsIsNotFollowed() throws IOException {
        write("proc/self/cgroup", "0::/../../etc\nnonsense\n");
        write("etc/memory.max", "1");
        write("etc/memory.current", "1");
        assertThat(bytes()).isEmpty();
    }

    @Test
    void bothFiguresAreNamed() {
        AvailableMemory now = AvailableMemory.now();
        assertThat(now.bytes()).isPositive();
        assertThatThrownBy(() -> AvailableMemory.require("a model of all numbers", Long.MAX_VALUE))
                .isInstanceOf(MemoryException.class)
                .hasMessageContaining(
                        "a model of all numbers takes 9223372036.855 GB of memory (9223372036854775807 bytes)")
                .hasMessageContaining("available: ");
        assertThatCode(() -> AvailableMemory.require("little", 1)).doesNotThrowAnyException();
        assertThatCode(() -> AvailableMemory.require("what is there", 20L << 20))
                .doesNotThrowAnyException();
    }

    private List<Long> bytes() {
        return AvailableMemory.onLinux(root).stream()
                .map(AvailableMemory::bytes)
                .toList();
    }

    private void write(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @ParameterizedTest
    @CsvSource({"1000, 1000", "2k, 2048", "3M, 3145728", "4g, 4294967296"})
    void aLimitIsGivenAsTheJvmsAre(String text, long bytes) {
        System.setProperty(AvailableMemory.PROPERTY, text);
        try {
            assertThat(AvailableMemory.most()).hasValue(bytes);
        } finally {
            System.clearProperty(AvailableMemory.PROPERTY);
        }
    }

    @Test
    void aLimitThatIsGivenIsKept() {
        System.setProperty(AvailableMemory.PROPERTY, "20m");
        try {
            assertThatThrownBy(() -> AvailableMemory.require("a thing", 1L << 30))
                    .isInstanceOf(MemoryException.class)
                    .hasMessageContaining("the 20971520 bytes that preference.memory allows");
            System.setProperty(AvailableMemory.PROPERTY, "20mb");
            assertThatThrownBy(() -> AvailableMemory.require("a thing", 1L << 30))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("'preference.memory' is 20mb");
        } finally {
            System.clearProperty(AvailableMemory.PROPERTY);
        }
    }
}
