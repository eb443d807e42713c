package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import org.junit.jupiter.api.Test;

class BarProgressTest {
    private final List<List<String>> bars = new ArrayList<>();

    @Test
    void aBarForTheCellsAndOneForThePartAtWork() {
        try (BarProgress progress = new BarProgress(() -> {
            List<String> lines = new ArrayList<>();
            bars.add(lines);
            return new DelegatingProgressBarConsumer(lines::add, 160);
        })) {
            progress.run("first", 2, 3);
            progress.begin("DPO, 16 pairs", 20);
            progress.step(5, "loss 0.5000");
            progress.end("loss 0.4000");
            progress.cell("DPO, size 16", 1, 2);
            // what is stopped half way is not drawn as done
            progress.begin("DPO, 32 pairs", 40);
            progress.step(10, "loss 0.3000");
        }
        assertThat(bars).hasSize(3);
        assertThat(last(0)).startsWith("first").contains("50%", "1/2 cells", "DPO, size 16");
        assertThat(last(1)).startsWith("DPO, 16 pairs").contains("100%", "20/20 steps", "/s", "loss 0.4000");
        assertThat(last(2)).startsWith("DPO, 32 pairs").contains("25%", "10/40 steps", "loss 0.3000");
    }

    private String last(int bar) {
        return bars.get(bar).get(bars.get(bar).size() - 1);
    }
}
