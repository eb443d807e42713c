package org.preferencelearning.spark;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;

/** Spark for tests. */
final class Clusters {
    private Clusters() {}

    /** In this process, with so many threads, each task tried three times. */
    static SparkContext local(int threads) {
        return start("local[" + threads + ",3]", Map.of());
    }

    static SparkContext start(String master, Map<String, String> settings) {
        SparkConf conf = new SparkConf(false)
                .setMaster(master)
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1");
        settings.forEach(conf::set);
        return new SparkContext(conf);
    }
}
