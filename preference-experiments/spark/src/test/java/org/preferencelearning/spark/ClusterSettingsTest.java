package org.preferencelearning.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.preferencelearning.experiments.dsl.Studies.dataSizeStudy;
import static org.preferencelearning.experiments.dsl.Studies.dpo;
import static org.preferencelearning.experiments.dsl.Studies.gpt2;
import static org.preferencelearning.experiments.dsl.Studies.sparseTextWorld;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.flagship.CaseBook;
import org.preferencelearning.experiments.study.ModelSpec;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.graph.Gpt2Config;

class ClusterSettingsTest {
    private static final long MEBIBYTE = 1 << 20;

    private static SparkConf settings() {
        return new SparkConf(false);
    }

    /** Spark's own defaults: a tenth of the heap, 384 MiB at least. */
    @Test
    void memoryBesideTheHeapIsComparedWithThePlan() {
        assertThat(ClusterSettings.tooLittleMemory(settings(), 383 * MEBIBYTE)).isEmpty();
        assertThat(ClusterSettings.tooLittleMemory(settings(), 384 * MEBIBYTE).orElseThrow())
                .contains("spark.executor.memoryOverhead is 384 MiB", "up to 385 MiB", "set at least 885m");
        SparkConf large = settings().set(ClusterSettings.HEAP, "20g");
        assertThat(ClusterSettings.tooLittleMemory(large, 2047 * MEBIBYTE)).isEmpty();
        assertThat(ClusterSettings.tooLittleMemory(large, 2048 * MEBIBYTE)).isPresent();
        SparkConf said = settings().set(ClusterSettings.OVERHEAD, "3g");
        assertThat(ClusterSettings.tooLittleMemory(said, 3071 * MEBIBYTE)).isEmpty();
        assertThat(ClusterSettings.tooLittleMemory(said, 3072 * MEBIBYTE)).isPresent();
    }

    @Test
    void thePlanIsTheStudys() {
        Gpt2Config config = new Gpt2Config(1, 256, 32, 2, 2, 1e-5, 0);
        DataSizeStudy study = dataSizeStudy("planned")
                .model(gpt2(config))
                .dataset(sparseTextWorld(SparseTextWorld.standard(), 100))
                .sizes(8)
                .seeds(1)
                .compare(dpo());
        Gpt2Config planned = ((ModelSpec.Fresh) study.model()).config();
        assertThat(PlannedMemory.of(study)).hasValue(study.plan(planned).peakBytes());
        assertThat(PlannedMemory.of(CaseBook.policyMisspecified(1, 0.2))).isEmpty();
    }
}
