package org.preferencelearning.core.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Lets tests run on the fastest native build that the processor supports, as the launcher of the commands does. */
public final class FastestNativeLibrary implements LauncherSessionListener {
    private static final String PROPERTY = "org.bytedeco.javacpp.platform.extension";

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        choose();
    }

    /** Chooses it, unless the property that does so is set; for code that runs without JUnit, before it touches ND4J. */
    public static void choose() {
        if (System.getProperty(PROPERTY) == null) {
            String variant = variant();
            if (!variant.isEmpty()) {
                System.setProperty(PROPERTY, variant);
            }
        }
    }

    private static String variant() {
        Path processor = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(processor) || !System.getProperty("os.arch").equals("amd64")) {
            return "";
        }
        try {
            String flags = Files.readAllLines(processor).stream()
                    .filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .orElse("");
            List<String> known = List.of(flags.split("\\s+"));
            return known.contains("avx512bw") ? "-onednn-avx512" : known.contains("avx2") ? "-onednn-avx2" : "";
        } catch (IOException e) {
            return "";
        }
    }
}
