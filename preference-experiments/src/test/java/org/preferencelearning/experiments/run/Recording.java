package org.preferencelearning.experiments.run;

import java.util.List;
import org.preferencelearning.experiments.task.Progress;

/** Remembers the parts of a run. */
class Recording implements Progress {
    private final List<String> parts;

    Recording(List<String> parts) {
        this.parts = parts;
    }

    static Progress parts(List<String> parts) {
        return new Recording(parts);
    }

    @Override
    public void begin(String part, long steps) {
        parts.add(part);
    }

    @Override
    public void step(long done, String status) {}

    @Override
    public void end(String summary) {}
}
