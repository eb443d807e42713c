package org.preferencelearning.spark;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/** A name node and a data node, JVMs of their own on this machine, from this JVM's class path. */
final class Hdfs implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final long START_SECONDS = 90;

    private final Path folder;
    private final URI root;
    private final List<Process> nodes = new ArrayList<>();

    Hdfs(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        root = URI.create("hdfs://" + HOST + ":" + freePort());
        List<String> names = List.of(
                "-Dfs.defaultFS=" + root,
                "-Ddfs.namenode.name.dir=" + folder.resolve("names"),
                "-Ddfs.namenode.http-address=" + HOST + ":0",
                "-Ddfs.replication=1");
        List<String> format = new ArrayList<>(names);
        format.add("-format");
        int ended = StandaloneCluster.java(
                        "org.apache.hadoop.hdfs.server.namenode.NameNode", folder.resolve("format.log"), format)
                .start()
                .waitFor();
        if (ended != 0) {
            throw new IllegalStateException("not formatted: " + Files.readString(folder.resolve("format.log")));
        }
        nodes.add(StandaloneCluster.java(
                        "org.apache.hadoop.hdfs.server.namenode.NameNode", folder.resolve("names.log"), names)
                .start());
        nodes.add(StandaloneCluster.java(
                        "org.apache.hadoop.hdfs.server.datanode.DataNode",
                        folder.resolve("data.log"),
                        List.of(
                                "-Dfs.defaultFS=" + root,
                                "-Ddfs.datanode.data.dir=" + folder.resolve("data"),
                                "-Ddfs.datanode.address=" + HOST + ":0",
                                "-Ddfs.datanode.ipc.address=" + HOST + ":0",
                                "-Ddfs.datanode.http.address=" + HOST + ":0"))
                .start());
        await();
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    URI at(String name) {
        return root.resolve("/" + name);
    }

    FileSystem files() throws IOException {
        return FileSystem.newInstance(root, configuration());
    }

    private static Configuration configuration() {
        Configuration configuration = new Configuration();
        configuration.set("dfs.replication", "1");
        configuration.set("ipc.client.connect.max.retries", "1");
        return configuration;
    }

    /** Until a file can be written. */
    private void await() throws IOException, InterruptedException {
        IOException last = null;
        for (int i = 0; i < START_SECONDS * 2; i++) {
            try (FileSystem files = files()) {
                files.create(new org.apache.hadoop.fs.Path("/started")).close();
                files.delete(new org.apache.hadoop.fs.Path("/started"), false);
                return;
            } catch (IOException e) {
                last = e;
                Thread.sleep(500);
            }
        }
        close();
        throw new IllegalStateException("no HDFS: " + Files.readString(folder.resolve("names.log")), last);
    }

    @Override
    public void close() {
        nodes.forEach(node -> node.destroyForcibly().onExit().join());
    }
}
