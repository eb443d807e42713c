package org.preferencelearning.gpt2.internal.compile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.KernelClock;

class BufferPoolTest {
    /** Fills each buffer with a number of its own while it is held, and looks whether anybody wrote into it. */
    @Test
    void buffersThatAreHeldTogetherNeverOverlap() {
        try (Workspace workspace = new Workspace(new KernelClock())) {
            BufferPool pool = new BufferPool(workspace);
            RandomSource random = RandomSource.of(5);
            Map<INDArray, Integer> numbers = new IdentityHashMap<>();
            List<INDArray> held = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                if (!held.isEmpty() && random.nextInt(5) < 2) {
                    INDArray buffer = held.remove(random.nextInt(held.size()));
                    assertThat(buffer.toFloatVector()).containsOnly(numbers.get(buffer));
                    pool.giveBack(buffer);
                } else {
                    INDArray buffer = pool.take(DataType.FLOAT, 1 + random.nextInt(3000));
                    numbers.put(buffer, i);
                    held.add(buffer.assign(i));
                }
            }
            assertThat(held).hasSizeGreaterThan(50);
            held.forEach(buffer -> assertThat(buffer.toFloatVector()).containsOnly(numbers.get(buffer)));
        }
    }

    @Test
    void whatIsGivenBackIsJoinedAndTakenAgain() {
        try (Workspace workspace = new Workspace(new KernelClock())) {
            BufferPool pool = new BufferPool(workspace);
            List<INDArray> parts = List.of(
                    pool.take(DataType.FLOAT, 160), pool.take(DataType.FLOAT, 320), pool.take(DataType.FLOAT, 480));
            INDArray last = pool.take(DataType.FLOAT, 16);
            parts.forEach(pool::giveBack);
            INDArray whole = pool.take(DataType.FLOAT, 960);
            assertThat(whole.offset()).isZero();
            assertThat(last.offset()).isEqualTo(960);
            assertThat(pool.bytes()).isEqualTo(976 * Float.BYTES);
        }
    }

    @Test
    void theSmallestGapThatFitsIsTaken() {
        try (Workspace workspace = new Workspace(new KernelClock())) {
            BufferPool pool = new BufferPool(workspace);
            INDArray large = pool.take(DataType.FLOAT, 320);
            pool.take(DataType.FLOAT, 16);
            INDArray small = pool.take(DataType.FLOAT, 160);
            pool.take(DataType.FLOAT, 16);
            pool.giveBack(large);
            pool.giveBack(small);
            assertThat(pool.take(DataType.FLOAT, 150).offset()).isEqualTo(336);
            assertThat(pool.take(DataType.FLOAT, 150).offset()).isZero();
        }
    }

    @Test
    void whatIsReservedWasNeverAndWillNeverBeInUse() {
        try (Workspace workspace = new Workspace(new KernelClock())) {
            BufferPool pool = new BufferPool(workspace);
            INDArray first = pool.take(DataType.FLOAT, 320);
            INDArray second = pool.take(DataType.FLOAT, 160);
            pool.giveBack(second);
            INDArray reserved = pool.reserve(DataType.FLOAT, 16);
            assertThat(reserved.offset()).isEqualTo(480);
            pool.giveBack(first);
            assertThat(pool.take(DataType.FLOAT, 480).offset()).isZero();
            assertThat(pool.take(DataType.FLOAT, 16).offset()).isEqualTo(496);
            assertThat(pool.reserve(DataType.FLOAT, 70_000_000).offset()).isZero();
            assertThat(workspace.slabs(DataType.FLOAT)).hasSize(2);
        }
    }

    @Test
    void anotherGraphBeginsWithAllOfTheMemory() {
        try (Workspace workspace = new Workspace(new KernelClock())) {
            new BufferPool(workspace).take(DataType.FLOAT, 1000);
            assertThat(new BufferPool(workspace).take(DataType.FLOAT, 2000).offset())
                    .isZero();
            assertThat(workspace.slabs(DataType.FLOAT)).hasSize(1);
        }
    }

    @Test
    void moreMemoryIsAskedForWhereNoGapIsLargeEnough() {
        try (Workspace workspace = new Workspace(new KernelClock())) {
            BufferPool pool = new BufferPool(workspace);
            pool.take(DataType.FLOAT, 10);
            assertThat(pool.take(DataType.FLOAT, 70_000_000).length()).isEqualTo(70_000_000);
            assertThat(workspace.slabs(DataType.FLOAT)).hasSize(2);
            assertThat(pool.take(DataType.DOUBLE, 10).dataType()).isEqualTo(DataType.DOUBLE);
        }
    }
}
