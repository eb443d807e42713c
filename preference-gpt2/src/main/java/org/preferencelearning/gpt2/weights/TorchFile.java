package org.preferencelearning.gpt2.weights;

import static java.util.Objects.requireNonNull;

import com.google.common.io.CountingInputStream;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.gpt2.weights.TorchValues.Storage;
import org.preferencelearning.gpt2.weights.TorchValues.Tensor;

/**
 * A file that {@code torch.save} wrote for a dictionary of tensors, in the zip layout of PyTorch 1.6 and later or in the one
 * before. Where every storage lies is checked against the file's size before anything is read.
 */
final class TorchFile implements TensorSource {
    private static final BigInteger LEGACY_MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final BigInteger LEGACY_PROTOCOL = BigInteger.valueOf(1001);
    private static final int ZIP_MAGIC = 0x04034B50;
    private static final String PICKLE = "/data.pkl";

    private final String file;
    private final Map<String, TensorInfo> infos = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Data data;

    private TorchFile(String file, Data data) {
        this.file = file;
        this.data = data;
    }

    /** Where storages lie. */
    private interface Data extends AutoCloseable {
        /** Fails unless the file holds the storage as a whole. */
        void check(Storage storage);

        /** A stream of the storage's bytes. */
        InputStream open(Storage storage) throws IOException;

        @Override
        void close() throws IOException;
    }

    /**
     * Opens a file and reads its pickles.
     *
     * @throws WeightsFormatException if the file does not exist, is broken, or asks for more than tensors
     */
    static TorchFile open(Path path) {
        String file = path.toString();
        TensorSource.requireRegular(path);
        try {
            return isZip(path) ? openZip(file, path) : openLegacy(file, path);
        } catch (ZipException | IllegalArgumentException e) {
            throw new WeightsFormatException(file, "not a readable zip: " + e.getMessage(), e);
        } catch (EOFException e) {
            throw new WeightsFormatException(file, "the file ends early", e);
        } catch (IOException e) {
            throw WeightsFormatException.unreadable(file, e);
        }
    }

    private static boolean isZip(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer start = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            while (start.hasRemaining() && channel.read(start) >= 0) {
                // until it is full
            }
            return !start.hasRemaining() && start.getInt(0) == ZIP_MAGIC;
        }
    }

    private static TorchFile openZip(String file, Path path) throws IOException {
        ZipEnd.check(path);
        ZipFile zip = new ZipFile(path.toFile(), StandardCharsets.UTF_8);
        try {
            long size = path.toFile().length();
            long names = zip.stream().map(ZipEntry::getName).distinct().count();
            expect(file, names == zip.size(), "its zip has two entries of one name");
            List<? extends ZipEntry> pickles = zip.stream()
                    .filter(entry -> entry.getName().endsWith(PICKLE))
                    .toList();
            if (pickles.size() != 1) {
                throw new WeightsFormatException(file, "holds " + pickles.size() + " files data.pkl; allowed: 1");
            }
            String name = pickles.get(0).getName();
            String folder = name.substring(0, name.length() - PICKLE.length());
            byte[] pickle = entryBytes(file, zip, pickles.get(0), Math.min(size, PickleReader.MAX_BYTES));
            ZipEntry order = zip.getEntry(folder + "/byteorder");
            if (order != null
                    && !new String(entryBytes(file, zip, order, 16), StandardCharsets.US_ASCII).equals("little")) {
                throw new WeightsFormatException(file, "its byte order is not 'little'");
            }
            TorchFile torch = new TorchFile(file, new ZipData(file, zip, folder));
            torch.addAll(PickleReader.read(file, new ByteArrayInputStream(pickle)));
            return torch;
        } catch (IOException | RuntimeException e) {
            zip.close();
            throw e;
        }
    }

    private static byte[] entryBytes(String file, ZipFile zip, ZipEntry entry, long most) throws IOException {
        stored(file, entry);
        if (entry.getSize() > most) {
            throw new WeightsFormatException(
                    file, "'" + entry.getName() + "' has " + entry.getSize() + " bytes; allowed: up to " + most);
        }
        try (InputStream in = zip.getInputStream(entry)) {
            return in.readNBytes((int) entry.getSize());
        }
    }

    private static void stored(String file, ZipEntry entry) {
        if (entry.getMethod() != ZipEntry.STORED || entry.getSize() != entry.getCompressedSize()) {
            throw new WeightsFormatException(file, "'" + entry.getName() + "' is compressed; PyTorch stores plainly");
        }
    }

    private static TorchFile openLegacy(String file, Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            CountingInputStream in = new CountingInputStream(new BufferedInputStream(Channels.newInputStream(channel)));
            expect(file, LEGACY_MAGIC.equals(PickleReader.read(file, in)), "neither a zip nor PyTorch's older layout");
            expect(file, LEGACY_PROTOCOL.equals(PickleReader.read(file, in)), "PyTorch's protocol is not 1001");
            expect(
                    file,
                    PickleReader.read(file, in) instanceof Map<?, ?> system
                            && Boolean.TRUE.equals(system.get("little_endian")),
                    "its byte order is not little-endian");
            Object tensors = PickleReader.read(file, in);
            Object keys = PickleReader.read(file, in);
            if (!(keys instanceof List<?> listed)) {
                throw new WeightsFormatException(file, "its list of storages is missing");
            }
            LegacyData data = new LegacyData(file, channel);
            TorchFile torch = new TorchFile(file, data);
            data.locate(listed, storages(tensors), in.getCount());
            torch.addAll(tensors);
            return torch;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static Map<String, Storage> storages(@Nullable Object tensors) {
        Map<String, Storage> storages = new HashMap<>();
        if (tensors instanceof Map<?, ?> byName) {
            for (Object value : byName.values()) {
                if (value instanceof Tensor tensor) {
                    storages.put(tensor.storage().key(), tensor.storage());
                }
            }
        }
        return storages;
    }

    private static void expect(String file, boolean valid, String problem) {
        if (!valid) {
            throw new WeightsFormatException(file, problem);
        }
    }

    private void addAll(@Nullable Object dictionary) {
        if (!(dictionary instanceof Map<?, ?> byName)) {
            throw new WeightsFormatException(file, "it holds no dictionary of tensors");
        }
        int entries = byName.size();
        expect(
                file,
                entries <= MAX_TENSORS,
                "its dictionary has " + entries + " entries; allowed: up to " + MAX_TENSORS);
        byName.forEach((key, value) -> {
            if (value instanceof Tensor tensor) {
                data.check(tensor.storage());
                String name = (String) key;
                long begin = tensor.offset() * tensor.storage().type().bytes();
                long end = begin + tensor.length() * tensor.storage().type().bytes();
                long[] shape =
                        tensor.shape().stream().mapToLong(Long::longValue).toArray();
                tensors.put(name, tensor);
                infos.put(name, new TensorInfo(name, tensor.storage().type(), shape, begin, end));
            }
        });
    }

    @Override
    public String file() {
        return file;
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(infos);
    }

    @Override
    public INDArray read(String name) {
        TensorInfo info = readable(name);
        try (InputStream in = data.open(requireNonNull(tensors.get(name), name).storage())) {
            in.skipNBytes(info.begin());
            return TensorReader.read(file, info, (bytes, offset) -> {
                int read = in.readNBytes(bytes.array(), 0, bytes.remaining());
                if (read < bytes.remaining()) {
                    throw new EOFException("the file became shorter while it was read");
                }
                bytes.position(read);
            });
        } catch (ZipException | EOFException e) {
            throw new WeightsFormatException(file, "tensor '" + name + "': " + e.getMessage(), e);
        } catch (IOException e) {
            throw WeightsFormatException.unreadable(file, e);
        }
    }

    @Override
    public void close() {
        try {
            data.close();
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
    }

    /** A storage is an entry of its own. */
    private record ZipData(String file, ZipFile zip, String folder) implements Data {
        @Override
        public void check(Storage storage) {
            ZipEntry entry = zip.getEntry(name(storage));
            expect(file, entry != null, "'" + name(storage) + "' is missing");
            stored(file, entry);
            expect(
                    file,
                    entry.getSize() == storage.bytes(),
                    "'" + name(storage) + "' has " + entry.getSize() + " bytes; its tensors need " + storage.bytes());
            expect(file, entry.getSize() <= Path.of(zip.getName()).toFile().length(), "it is longer than the file");
        }

        private String name(Storage storage) {
            return folder + "/data/" + storage.key();
        }

        @Override
        public InputStream open(Storage storage) throws IOException {
            return zip.getInputStream(zip.getEntry(name(storage)));
        }

        @Override
        public void close() throws IOException {
            zip.close();
        }
    }

    /** Storages follow the pickles, each after its length. */
    private static final class LegacyData implements Data {
        private final String file;
        private final FileChannel channel;
        private final Map<String, Long> starts = new HashMap<>();

        LegacyData(String file, FileChannel channel) {
            this.file = file;
            this.channel = channel;
        }

        void locate(List<?> keys, Map<String, Storage> storages, long start) throws IOException {
            long position = start;
            ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (Object key : keys) {
                Storage storage = key instanceof String name ? storages.get(name) : null;
                if (storage == null) {
                    throw new WeightsFormatException(file, "a storage is listed that no tensor uses");
                }
                length.clear();
                while (length.hasRemaining()) {
                    if (channel.read(length, position + length.position()) < 0) {
                        throw new EOFException();
                    }
                }
                expect(
                        file,
                        length.getLong(0) == storage.length(),
                        "storage '" + key + "' has " + length.getLong(0) + " elements; its tensors say "
                                + storage.length());
                position += Long.BYTES;
                expect(
                        file,
                        storage.bytes() <= channel.size() - position,
                        "storage '" + key + "' reaches beyond the end of the file");
                starts.put(storage.key(), position);
                position += storage.bytes();
            }
        }

        @Override
        public void check(Storage storage) {
            expect(file, starts.containsKey(storage.key()), "storage '" + storage.key() + "' is missing");
        }

        @Override
        public InputStream open(Storage storage) throws IOException {
            channel.position(requireNonNull(starts.get(storage.key()), storage.key()));
            // the caller reads within the storage; closing the stream must not close the channel
            return new BufferedInputStream(new UnclosedInputStream(Channels.newInputStream(channel)));
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private static final class UnclosedInputStream extends FilterInputStream {
        UnclosedInputStream(InputStream in) {
            super(in);
        }

        @Override
        public void close() {
            // the file stays open
        }
    }
}
