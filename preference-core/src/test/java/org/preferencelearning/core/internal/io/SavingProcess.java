package org.preferencelearning.core.internal.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A process that saves over and over until it is killed; and what its saves look like when they are whole. */
final class SavingProcess {
    private static final int PIECE = 1 << 18;
    private static final int PIECES = 12;

    private SavingProcess() {}

    /** Starts one with these arguments. */
    static Process start(String kind, Path target, Path practice) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SavingProcess.class.getName(),
                        kind,
                        target.toString(),
                        practice.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Arguments: folder, file or hold (one save that waits in its midst), where to save, where to practise. Waits for a line before the saves begin. */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws IOException {
        Path target = Path.of(arguments[1]);
        boolean folder = arguments[0].equals("folder");
        if (arguments[0].equals("hold")) {
            OutputFolder.replace(target, fresh -> {
                fill(fresh, (byte) 103);
                System.out.println("holds");
                System.in.read();
            });
            return;
        }
        save(folder, Path.of(arguments[2]), (byte) 1);
        long start = System.nanoTime();
        save(folder, Path.of(arguments[2]), (byte) 2);
        System.out.println(System.nanoTime() - start);
        if (System.in.read() < 0) {
            return;
        }
        for (byte version = 1; ; version = (byte) (version % 100 + 1)) {
            save(folder, target, version);
        }
    }

    private static void save(boolean folder, Path target, byte version) {
        if (folder) {
            OutputFolder.replace(target, fresh -> fill(fresh, version));
        } else {
            AtomicFiles.write(target, channel -> write(channel, version));
        }
    }

    /** A folder like a model's: some MB in two files, and a small one. */
    static void fill(Path folder, byte version) {
        AtomicFiles.write(folder.resolve("config"), new byte[] {version, version});
        AtomicFiles.write(folder.resolve("one"), channel -> write(channel, version));
        AtomicFiles.write(folder.resolve("two"), channel -> write(channel, version));
    }

    private static void write(FileChannel channel, byte version) throws IOException {
        byte[] piece = new byte[PIECE];
        Arrays.fill(piece, version);
        for (int i = 0; i < PIECES; i++) {
            ByteBuffer left = ByteBuffer.wrap(piece);
            while (left.hasRemaining()) {
                channel.write(left);
            }
        }
    }

    /** The version of a whole file. */
    static byte versionOfFile(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        for (byte value : bytes) {
            if (value != bytes[0]) {
                throw new AssertionError(file + " holds two versions");
            }
        }
        if (bytes.length != (file.endsWith("config") ? 2 : PIECE * PIECES)) {
            throw new AssertionError(file + " has " + bytes.length + " bytes");
        }
        return bytes[0];
    }

    /** The version of a whole folder that nobody writes to now. */
    static byte versionOfFolder(Path folder) throws IOException {
        byte version = versionOfFile(folder.resolve("config"));
        if (version != versionOfFile(folder.resolve("one")) || version != versionOfFile(folder.resolve("two"))) {
            throw new AssertionError(folder + " holds two versions");
        }
        return version;
    }
}
