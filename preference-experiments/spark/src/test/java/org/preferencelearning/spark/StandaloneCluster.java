package org.preferencelearning.spark;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkContext;

/** A real standalone master and workers of one core each, JVMs of their own on this machine, from this JVM's class path. */
final class StandaloneCluster implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    /** A quick start, and warnings only. */
    private static final List<String> OPTIONS = List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dlogback.configurationFile=org/preferencelearning/core/testkit/logback-stderr.xml");

    private static final long START_SECONDS = 60;

    private final Path folder;
    private final int port;
    private final List<Process> workers = new ArrayList<>();
    private final Process master;

    StandaloneCluster(Path folder, int count) throws IOException, InterruptedException {
        this.folder = folder;
        // where Spark looks for its own jars: they are on the class path
        Files.createDirectories(folder.resolve("spark/jars"));
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        master = start(
                "org.apache.spark.deploy.master.Master",
                "master",
                List.of("--host", HOST, "--port", Integer.toString(port), "--webui-port", "0"));
        awaitMaster();
        for (int i = 0; i < count; i++) {
            addWorker();
        }
    }

    void addWorker() throws IOException {
        addWorker(HOST);
    }

    /** @param host what Spark takes for its machine: any address that begins with 127 */
    void addWorker(String host) throws IOException {
        String name = "worker-" + workers.size();
        workers.add(start(
                "org.apache.spark.deploy.worker.Worker",
                name,
                List.of(
                        "--host",
                        host,
                        "--cores",
                        "1",
                        "--memory",
                        "1g",
                        "--webui-port",
                        "0",
                        "--work-dir",
                        folder.resolve(name).toString(),
                        url())));
    }

    String url() {
        return "spark://" + HOST + ":" + port;
    }

    /** The settings of an application on this cluster. */
    static Map<String, String> settings() {
        return Map.of(
                "spark.executor.extraClassPath",
                System.getProperty("java.class.path"),
                "spark.executor.extraJavaOptions",
                String.join(" ", OPTIONS),
                "spark.executor.cores",
                "1",
                "spark.executor.memory",
                "512m",
                ClusterSettings.THREADS,
                "1");
    }

    SparkContext context() {
        return Clusters.start(url(), settings());
    }

    /** Kills a worker and its executors, as a machine would be lost. */
    void kill(int worker) {
        Process lost = workers.get(worker);
        List<ProcessHandle> executors = lost.descendants().toList();
        lost.destroyForcibly();
        executors.forEach(ProcessHandle::destroyForcibly);
        lost.onExit().join();
        executors.forEach(executor -> executor.onExit().join());
    }

    /** What the processors of this machine have done for executors that are there. */
    Duration executorsTime() {
        return workers.stream()
                .flatMap(Process::descendants)
                .map(executor -> executor.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }

    private Process start(String main, String name, List<String> arguments) throws IOException {
        ProcessBuilder builder = java(main, folder.resolve(name + ".log"), arguments);
        builder.environment().put("SPARK_HOME", folder.resolve("spark").toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        builder.environment().put("SPARK_LOCAL_IP", HOST);
        return builder.start();
    }

    /** A JVM with this one's class path. */
    static ProcessBuilder java(String main, Path log, List<String> arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m"));
        command.addAll(OPTIONS);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        command.addAll(arguments);
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    }

    private void awaitMaster() throws IOException, InterruptedException {
        for (int i = 0; i < START_SECONDS * 10; i++) {
            try {
                new Socket(HOST, port).close();
                return;
            } catch (IOException e) {
                if (!master.isAlive()) {
                    break;
                }
                Thread.sleep(100);
            }
        }
        throw new IllegalStateException("no master: " + Files.readString(folder.resolve("master.log")));
    }

    @Override
    public void close() {
        for (int i = 0; i < workers.size(); i++) {
            kill(i);
        }
        master.destroyForcibly().onExit().join();
    }
}
