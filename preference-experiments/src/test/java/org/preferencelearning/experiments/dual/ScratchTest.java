package org.preferencelearning.experiments.dual;

import org.junit.jupiter.api.Test;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.task.Progress;

class ScratchTest {
    @Test
    void scratch() {
        DualTokenStudy study = DualTokenStudy.of("x")
                .seeds(41)
                .learningRate(Double.parseDouble(System.getProperty("rate", "0.003")))
                .starts(4);
        if (System.getProperty("under") != null)
            study = study.under(Misspecification.valueOf(System.getProperty("under")));
        long t = System.nanoTime();
        long[] s = {t};
        var result = Runners.inMemory()
                .progress(new Progress() {
                    String part;
                    long done;

                    public void begin(String part, long steps) {
                        this.part = part;
                        s[0] = System.nanoTime();
                        done = 0;
                    }

                    public void step(long done, String status) {
                        this.done = done;
                        last = status;
                    }

                    String last = "";

                    public void end(String summary) {
                        System.out.printf(
                                "%s: %d updates, %.2f s, %s%n", part, done, (System.nanoTime() - s[0]) / 1e9, last);
                    }
                })
                .run(study);
        System.out.println(result);
        System.out.printf("TOTAL %.1f s%n", (System.nanoTime() - t) / 1e9);
        result.cells()
                .forEach(c -> System.out.println(c.id() + " " + c.measurements().last("value") + " kl "
                        + c.measurements().last("kl") + " moved "
                        + c.measurements().last("moved") + " agreeing "
                        + c.measurements().last("agreeing") + " excess "
                        + c.measurements().last("reward_excess")));
    }
}
