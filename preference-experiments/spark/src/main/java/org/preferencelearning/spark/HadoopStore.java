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
import org.apache.spark.util.SerializableConfiguration;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.run.RunStore;

/**
 * A run in a folder of any file system that Hadoop reads. Folders are published by one rename; where a file system renames file by
 * file (object stores do), a copy that is read half-way is known by its seal.
 */
final class HadoopStore implements RunStore {
    private static final long serialVersionUID = 1;

    /** Begins the names of what is being written. */
    private static final String UNFINISHED = ".unfinished-";

    private final String folder;
    private final SerializableConfiguration configuration;
    private transient FileContext files;

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
        } catch (IOException e) {
            throw new SettingException(
                    "shared",
                    folder.toString(),
                    "a URI of a file system that Hadoop finds (fs.AbstractFileSystem." + folder.getScheme()
                            + ".impl); it says: " + e.getMessage());
        }
        return store;
    }

    private synchronized FileContext files() throws IOException {
        if (files == null) {
            try {
                files = FileContext.getFileContext(URI.create(folder), configuration.value());
            } catch (UnsupportedFileSystemException e) {
                throw e;
            } catch (RuntimeException e) {
                // of a host that has no address, and of a class that is not there
                throw new IOException(e.getMessage(), e);
            }
        }
        return files;
    }

    private org.apache.hadoop.fs.Path at(String name) {
        org.apache.hadoop.fs.Path root = new org.apache.hadoop.fs.Path(folder);
        return name.isEmpty() ? root : new org.apache.hadoop.fs.Path(root, name);
    }

    @Override
    public List<String> list(String name) throws IOException {
        try {
            List<String> names = new ArrayList<>();
            for (FileStatus one : files().util().listStatus(at(name))) {
                names.add(one.getPath().getName());
            }
            return names;
        } catch (FileNotFoundException e) {
            return List.of();
        }
    }

    @Override
    public boolean holds(String name) throws IOException {
        return files().util().exists(at(name));
    }

    @Override
    public Optional<byte[]> read(String file) throws IOException {
        try (InputStream in = files().open(at(file))) {
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
        files().rename(fresh, at(file), Rename.OVERWRITE);
    }

    @Override
    public void fetch(String name, Path to) throws IOException {
        fetch(at(name), to);
    }

    private void fetch(org.apache.hadoop.fs.Path from, Path to) throws IOException {
        Files.createDirectory(to);
        for (FileStatus one : files().util().listStatus(from)) {
            String name = one.getPath().getName();
            org.apache.hadoop.fs.Path source = new org.apache.hadoop.fs.Path(from, name);
            Path target = to.resolve(name);
            if (one.isDirectory()) {
                fetch(source, target);
            } else {
                try (InputStream in = files().open(source)) {
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
            files().rename(fresh, at(name), Rename.NONE);
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
        files().mkdir(to, null, true);
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
        return files().create(file, EnumSet.of(CreateFlag.CREATE), CreateOpts.createParent());
    }

    @Override
    public void move(String name, String to) throws IOException {
        if (holds(name)) {
            files().mkdir(at(to).getParent(), null, true);
            files().rename(at(name), at(to), Rename.NONE);
        }
    }

    @Override
    public void delete(String name) throws IOException {
        remove(at(name));
    }

    private void remove(org.apache.hadoop.fs.Path path) throws IOException {
        try {
            files().delete(path, true);
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
