package org.preferencelearning.spark;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options.CreateOpts;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.run.RunStore;

/**
 * A run in a folder of any file system that Hadoop reads. Folders are published by one rename; where a file system renames file by
 * file (object stores do), a copy that is read half-way is known by its seal.
 */
final class HadoopStore implements RunStore {
    private static final long serialVersionUID = 1;

    private final String folder;
    private final SerializableConfiguration configuration;
    private transient @Nullable FileContext files;

    private HadoopStore(String folder, SerializableConfiguration configuration) {
        this.folder = folder;
        this.configuration = configuration;
    }

    /**
     * A folder that need not be there.
     *
     * @throws SettingException if no file system of that scheme is on the class path
     */
    static HadoopStore of(URI folder, Configuration configuration) {
        SettingException.require(
                folder.getScheme() != null, "shared", folder, "a URI with its scheme, such as hdfs://host/runs/policy");
        HadoopStore store = new HadoopStore(folder.toString(), new SerializableConfiguration(configuration));
        try {
            store.files();
        } catch (UnsupportedFileSystemException e) {
            throw new SettingException(
                    "shared",
                    folder,
                    "a scheme that Hadoop knows (fs.AbstractFileSystem." + folder.getScheme() + ".impl)");
        } catch (IOException e) {
            throw new SettingException(
                    "shared",
                    folder,
                    "a place that can be reached by a file system whose classes Spark has (of s3a the jar hadoop-aws, of"
                            + " the release of Spark's hadoop-client-api, in its folder jars); Hadoop says: "
                            + e.getMessage());
        }
        return store;
    }

    private synchronized FileContext files() throws IOException {
        if (files == null) {
            try {
                files = FileContext.getFileContext(URI.create(folder), configuration.value());
            } catch (RuntimeException e) {
                // of a host that has no address, and of a class that is not there
                throw new IOException(rootOf(e).toString(), e);
            }
        }
        return files;
    }

    private static Throwable rootOf(Throwable problem) {
        return problem.getCause() == null ? problem : rootOf(problem.getCause());
    }

    private org.apache.hadoop.fs.Path at(String name) {
        org.apache.hadoop.fs.Path root = new org.apache.hadoop.fs.Path(folder);
        return name.isEmpty() ? root : new org.apache.hadoop.fs.Path(root, name);
    }

    /** Work on the file system. */
    @FunctionalInterface
    private interface Work<T> {
        T on(FileContext files) throws IOException;
    }

    /** Hadoop's messages are stack traces of other machines, of which the first line says what is wrong. */
    private <T> T with(Work<T> work) throws IOException {
        try {
            return work.on(files());
        } catch (FileNotFoundException e) {
            throw e;
        } catch (IOException e) {
            IOException told = e instanceof RemoteException remote ? remote.unwrapRemoteException() : e;
            String message = told.getMessage() == null ? told.toString() : told.getMessage();
            throw new IOException(message.lines().findFirst().orElse(told.toString()), e);
        }
    }

    @Override
    public List<String> list(String name) throws IOException {
        try {
            List<String> names = new ArrayList<>();
            for (FileStatus one : with(files -> files.util().listStatus(at(name)))) {
                names.add(one.getPath().getName());
            }
            return names;
        } catch (FileNotFoundException e) {
            return List.of();
        }
    }

    @Override
    public boolean holds(String name) throws IOException {
        return with(files -> files.util().exists(at(name)));
    }

    @Override
    public Optional<byte[]> read(String file) throws IOException {
        try (InputStream in = with(files -> files.open(at(file)))) {
            return Optional.of(in.readAllBytes());
        } catch (FileNotFoundException e) {
            return Optional.empty();
        }
    }

    @Override
    public void write(String file, byte[] content) throws IOException {
        org.apache.hadoop.fs.Path fresh = beside(file, UUID.randomUUID().toString());
        try (OutputStream out = create(fresh)) {
            out.write(content);
        }
        rename(fresh, at(file), Rename.OVERWRITE);
    }

    @Override
    public void fetch(String name, Path to) throws IOException {
        fetch(at(name), to);
    }

    private void fetch(org.apache.hadoop.fs.Path from, Path to) throws IOException {
        Files.createDirectory(to);
        for (FileStatus one : with(files -> files.util().listStatus(from))) {
            String name = one.getPath().getName();
            org.apache.hadoop.fs.Path source = new org.apache.hadoop.fs.Path(from, name);
            Path target = to.resolve(name);
            if (one.isDirectory()) {
                fetch(source, target);
            } else {
                try (InputStream in = with(files -> files.open(source))) {
                    Files.copy(in, target);
                }
            }
        }
    }

    @Override
    public boolean publish(Path from, String name, String attempt) throws IOException {
        org.apache.hadoop.fs.Path fresh = beside(name, attempt);
        remove(fresh);
        send(from, fresh);
        try {
            rename(fresh, at(name), Rename.NONE);
            return true;
        } catch (IOException e) {
            if (!holds(name)) {
                throw e;
            }
            remove(fresh);
            return false;
        }
    }

    private void send(Path from, org.apache.hadoop.fs.Path to) throws IOException {
        make(to);
        List<Path> all;
        try (Stream<Path> found = Files.list(from)) {
            all = found.toList();
        }
        for (Path one : all) {
            org.apache.hadoop.fs.Path target =
                    new org.apache.hadoop.fs.Path(to, one.getFileName().toString());
            if (Files.isDirectory(one)) {
                send(one, target);
            } else {
                try (OutputStream out = create(target)) {
                    Files.copy(one, out);
                }
            }
        }
    }

    private OutputStream create(org.apache.hadoop.fs.Path file) throws IOException {
        return with(files -> files.create(file, EnumSet.of(CreateFlag.CREATE), CreateOpts.createParent()));
    }

    private void rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to, Rename how) throws IOException {
        with(files -> {
            files.rename(from, to, how);
            return true;
        });
    }

    private void make(org.apache.hadoop.fs.Path directory) throws IOException {
        with(files -> {
            files.mkdir(directory, null, true);
            return true;
        });
    }

    @Override
    public void move(String name, String to) throws IOException {
        if (holds(name)) {
            make(at(to).getParent());
            rename(at(name), at(to), Rename.NONE);
        }
    }

    @Override
    public void delete(String name) throws IOException {
        remove(at(name));
    }

    private void remove(org.apache.hadoop.fs.Path path) throws IOException {
        try {
            with(files -> files.delete(path, true));
        } catch (FileNotFoundException e) {
            // so it is gone
        }
    }

    private org.apache.hadoop.fs.Path beside(String name, String attempt) {
        org.apache.hadoop.fs.Path target = at(name);
        return new org.apache.hadoop.fs.Path(target.getParent(), UNFINISHED + target.getName() + "-" + attempt);
    }

    @Override
    public String toString() {
        return folder;
    }
}
