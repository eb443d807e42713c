package org.preferencelearning.core.internal.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.error.MemoryException;
import org.preferencelearning.core.error.SettingException;

/**
 * Native memory that this process can still take: the least of what the system has, and what the process, its control groups
 * and JavaCPP are allowed. Native libraries do not survive it when memory that they ask for is refused, so what takes much is
 * compared with this first. What cannot be found out, as on other systems than Linux, counts as no limit.
 *
 * @param bytes not negative; {@link Long#MAX_VALUE} where nothing sets a limit
 * @param limit what sets it, in words
 */
public record AvailableMemory(long bytes, String limit) {
    /**
     * Property with the most memory that models may take in this process, natively or on a GPU: bytes, or with k, m or g for
     * powers of 1024, as the options of the JVM.
     */
    public static final String PROPERTY = "preference.memory";

    /** Less than this is not worth to be asked for. */
    private static final long SMALL_BYTES = 16L << 20;
    /** Address space for threads, the Java runtime and small arrays, beyond what is planned. */
    private static final long ADDRESS_RESERVE_BYTES = 256L << 20;

    /**
     * Throws unless there is enough.
     *
     * @param use what needs the memory, for the message
     * @throws MemoryException with both figures
     */
    public static void require(String use, long plannedBytes) {
        if (plannedBytes < SMALL_BYTES) {
            return;
        }
        AvailableMemory available = now();
        if (plannedBytes > available.bytes()) {
            throw new MemoryException(use, plannedBytes, available.bytes(), available.limit());
        }
    }

    /** What is available now, once ND4J is loaded: its libraries take much of the address space themselves. */
    public static AvailableMemory now() {
        Nd4j.getExecutioner();
        return least(Stream.of(onLinux(Path.of("/")).stream(), javaCpp().stream(), chosen().stream())
                .flatMap(limits -> limits));
    }

    private static Optional<AvailableMemory> chosen() {
        return most().stream()
                .mapToObj(most ->
                        limit(most - Pointer.physicalBytes(), "the " + most + " bytes that " + PROPERTY + " allows"))
                .findFirst();
    }

    /**
     * What {@value #PROPERTY} allows, if it is set.
     *
     * @throws SettingException if it is no size
     */
    public static OptionalLong most() {
        String text = System.getProperty(PROPERTY);
        if (text == null) {
            return OptionalLong.empty();
        }
        Matcher size = Pattern.compile("(\\d{1,15})([kKmMgG]?)").matcher(text);
        SettingException.require(size.matches(), PROPERTY, text, "bytes, or a number with k, m or g, such as 8g");
        int shift = 10
                * ("kmg".indexOf(size.group(2).toLowerCase(Locale.ROOT))
                        + (size.group(2).isEmpty() ? 0 : 1));
        return OptionalLong.of(Math.multiplyExact(Long.parseLong(size.group(1)), 1L << shift));
    }

    private static AvailableMemory least(Stream<AvailableMemory> limits) {
        return limits.min(Comparator.comparingLong(AvailableMemory::bytes))
                .orElse(new AvailableMemory(Long.MAX_VALUE, "no limit is known"));
    }

    private static Optional<AvailableMemory> javaCpp() {
        long most = Pointer.maxPhysicalBytes();
        return most <= 0
                ? Optional.empty()
                : Optional.of(limit(
                        most - Pointer.physicalBytes(),
                        "JavaCPP's limit of " + most
                                + " bytes for the process; -Dorg.bytedeco.javacpp.maxphysicalbytes=0 lifts it"));
    }

    private static AvailableMemory limit(long bytes, String limit) {
        return new AvailableMemory(Math.max(0, bytes), limit);
    }

    /** The limits of a Linux system whose files are below {@code root}. */
    static List<AvailableMemory> onLinux(Path root) {
        List<AvailableMemory> limits = new ArrayList<>();
        String memory = text(root.resolve("proc/meminfo"));
        long swap = kilobytes(memory, "SwapFree").orElse(0);
        kilobytes(memory, "MemAvailable")
                .ifPresent(bytes -> limits.add(limit(bytes + swap, "what the system has left (MemAvailable)")));
        String process = text(root.resolve("proc/self/limits"));
        String status = text(root.resolve("proc/self/status"));
        addProcessLimit(limits, process, "address space", kilobytes(status, "VmSize"), "ulimit -v");
        addProcessLimit(limits, process, "data size", kilobytes(status, "VmData"), "ulimit -d");
        for (String line : text(root.resolve("proc/self/cgroup")).split("\n")) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3 && parts[1].isEmpty()) {
                addGroups(limits, root.resolve("sys/fs/cgroup"), parts[2], GroupFiles.VERSION_2, swap);
            } else if (parts.length == 3 && List.of(parts[1].split(",")).contains("memory")) {
                addGroups(limits, root.resolve("sys/fs/cgroup/memory"), parts[2], GroupFiles.VERSION_1, swap);
            }
        }
        return limits;
    }

    private static void addProcessLimit(
            List<AvailableMemory> limits, String process, String name, OptionalLong used, String command) {
        OptionalLong most = number(process, "Max " + name + "\\s+(\\d+)\\s");
        if (most.isPresent() && used.isPresent()) {
            limits.add(limit(
                    most.getAsLong() - used.getAsLong() - ADDRESS_RESERVE_BYTES,
                    "the process's limit of " + most.getAsLong() + " bytes (" + command + ")"));
        }
    }

    private record GroupFiles(String limit, String usage, String cache) {
        static final GroupFiles VERSION_1 =
                new GroupFiles("memory.limit_in_bytes", "memory.usage_in_bytes", "total_(?:in)?active_file");
        static final GroupFiles VERSION_2 = new GroupFiles("memory.max", "memory.current", "(?:in)?active_file");
    }

    /** The limits of a group and all above it; inside a container a group may be its own root. */
    private static void addGroups(List<AvailableMemory> limits, Path root, String group, GroupFiles files, long swap) {
        Path top = root.normalize();
        for (Path at = root.resolve(group.replaceFirst("^/+", "")).normalize();
                at != null && at.startsWith(top);
                at = at.getParent()) {
            OptionalLong most = number(text(at.resolve(files.limit)), "^(\\d+)");
            OptionalLong used = number(text(at.resolve(files.usage)), "^(\\d+)");
            if (most.isPresent() && used.isPresent()) {
                // pages of files are given up before the group's memory is exhausted; swap, if it has any, is used
                long cache = sum(text(at.resolve("memory.stat")), "(?m)^" + files.cache + " (\\d+)");
                limits.add(limit(
                        most.getAsLong() - used.getAsLong() + cache + swap,
                        "the limit of the control group " + group + " (" + at.resolve(files.limit) + ")"));
            }
        }
    }

    private static OptionalLong kilobytes(String text, String name) {
        OptionalLong kilobytes = number(text, "(?m)^" + name + ":\\s*(\\d+) kB");
        return kilobytes.isPresent() ? OptionalLong.of(kilobytes.getAsLong() << 10) : OptionalLong.empty();
    }

    private static OptionalLong number(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.find() ? OptionalLong.of(parse(matcher.group(1))) : OptionalLong.empty();
    }

    private static long sum(String text, String pattern) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .mapToLong(match -> parse(match.group(1)))
                .sum();
    }

    /** Limits that are none are written as the largest numbers there are, some beyond a long. */
    private static long parse(String digits) {
        long most = Long.MAX_VALUE / 4;
        return digits.length() > 18 ? most : Math.min(most, Long.parseLong(digits));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return ""; // not there, or not for us: no limit is known
        }
    }
}
