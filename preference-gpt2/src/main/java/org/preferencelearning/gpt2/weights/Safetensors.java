package org.preferencelearning.gpt2.weights;

import com.google.common.io.ByteStreams;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A safetensors file opened for reading. Opening checks the whole header, as the format's specification asks: its length
 * against the file before anything is allocated, duplicate names, types, and that the tensors cover the data exactly,
 * without holes or overlaps. Tensors of any size are read in pieces.
 */
public final class Safetensors implements TensorSource {
    /** Longest accepted header, in bytes; the specification's limit. */
    public static final long MAX_HEADER_BYTES = 100_000_000;

    private static final int LENGTH_BYTES = 8;

    private final String file;
    private final FileChannel channel;
    private final Map<String, TensorInfo> tensors;
    private final Map<String, String> metadata;

    private Safetensors(
            String file, FileChannel channel, Map<String, TensorInfo> tensors, Map<String, String> metadata) {
        this.file = file;
        this.channel = channel;
        this.tensors = tensors;
        this.metadata = metadata;
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws WeightsFormatException if the file does not exist or breaks a rule of the format
     */
    public static Safetensors open(Path path) {
        String file = path.toString();
        TensorSource.requireRegular(path);
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
            SafetensorsHeader header = header(file, channel);
            return new Safetensors(file, channel, header.tensors(), header.metadata());
        } catch (IOException e) {
            closeQuietly(channel, e);
            throw WeightsFormatException.unreadable(file, e);
        } catch (RuntimeException e) {
            closeQuietly(channel, e);
            throw e;
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel, Exception cause) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                cause.addSuppressed(e);
            }
        }
    }

    /** The tensors by name, in the order of the header. */
    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    /** The file's {@code __metadata__}. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    /**
     * Reads a tensor as FLOAT.
     *
     * @return a new array, the caller's
     * @throws WeightsFormatException if there is no such tensor or it does not hold floating-point numbers
     */
    @Override
    public INDArray read(String name) {
        TensorInfo info = readable(name);
        try {
            return TensorReader.read(file, info, (bytes, offset) -> readFully(bytes, info.begin() + offset));
        } catch (EOFException e) {
            throw new WeightsFormatException(file, "tensor '" + name + "': " + e.getMessage(), e);
        } catch (IOException e) {
            throw WeightsFormatException.unreadable(file, e);
        }
    }

    @Override
    public String file() {
        return file;
    }

    private void readFully(ByteBuffer bytes, long position) throws IOException {
        long next = position;
        while (bytes.hasRemaining()) {
            int read = channel.read(bytes, next);
            if (read < 0) {
                throw new EOFException("the file became shorter while it was read");
            }
            next += read;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
    }

    private static long headerLength(String file, FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < LENGTH_BYTES) {
            throw new WeightsFormatException(file, "it has " + size + " bytes, too few for a header");
        }
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        fill(file, channel, bytes, 0);
        long length = bytes.getLong(0);
        long most = Math.min(MAX_HEADER_BYTES, size - LENGTH_BYTES);
        if (length < 0 || length > most) {
            throw new WeightsFormatException(
                    file,
                    "the header is said to be " + Long.toUnsignedString(length) + " bytes long; allowed: 0 to " + most);
        }
        return length;
    }

    private static SafetensorsHeader header(String file, FileChannel channel) throws IOException {
        long length = headerLength(file, channel);
        ByteBuffer first = ByteBuffer.allocate(1);
        fill(file, channel, first, LENGTH_BYTES);
        if (first.get(0) != '{') {
            throw new WeightsFormatException(file, "the header does not start with '{'");
        }
        long dataStart = LENGTH_BYTES + length;
        InputStream bytes = ByteStreams.limit(Channels.newInputStream(channel.position(LENGTH_BYTES)), length);
        SafetensorsHeader header = SafetensorsHeader.read(file, bytes, dataStart, channel.size() - dataStart);
        checkCoverage(file, header.tensors().values(), dataStart, channel.size());
        return header;
    }

    private static void fill(String file, FileChannel channel, ByteBuffer bytes, long position) throws IOException {
        long next = position;
        while (bytes.hasRemaining()) {
            int read = channel.read(bytes, next);
            if (read < 0) {
                throw new WeightsFormatException(file, "the file ends inside its header");
            }
            next += read;
        }
    }

    private static void checkCoverage(String file, Collection<TensorInfo> tensors, long dataStart, long size) {
        List<TensorInfo> byOffset = new ArrayList<>(tensors);
        byOffset.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
        long next = dataStart;
        for (TensorInfo info : byOffset) {
            if (info.begin() != next) {
                throw new WeightsFormatException(
                        file,
                        "tensor '" + info.name() + "' starts at " + (info.begin() - dataStart) + "; expected "
                                + (next - dataStart) + ": tensors may neither overlap nor leave holes");
            }
            next = info.end();
        }
        if (next != size) {
            throw new WeightsFormatException(
                    file, "the tensors end at byte " + next + " of " + size + "; the last must end with the file");
        }
    }
}
