package org.preferencelearning.experiments.run;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.preferencelearning.experiments.result.Provenance;

/**
 * What came of computing a run again.
 *
 * @param tasks how many tasks were compared, in the order in which they were computed
 * @param first the first difference; empty if there is none
 * @param recorded what computed the run
 * @param current what computed it again
 * @param directory where the tasks that were computed again lie if they differ; deleted if they do not
 */
public record Reproduction(
        int tasks, Optional<Difference> first, Provenance recorded, Provenance current, Path directory) {
    /**
     * Where two computations of a task differ first.
     *
     * @param task what it does
     * @param folder its folder in the run directory
     * @param where the step and metric, or the file, tensor and position
     * @param was the recorded value
     * @param is the value computed again
     */
    public record Difference(String task, String folder, String where, String was, String is) {}

    /** In what the two computations' circumstances differ, by name, as {@code was and is}. */
    public Map<String, String> circumstances() {
        Map<String, String> differing = new TreeMap<>();
        recorded.facts().forEach((name, was) -> {
            String is = current.facts().getOrDefault(name, "unknown");
            if (!was.equals(is)) {
                differing.put(name, was + " and " + is);
            }
        });
        return differing;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        first.ifPresentOrElse(
                difference -> text.append(String.format(
                        "the first difference is in %s (%s): %s was %s and is %s%ncomputed again in %s%n",
                        difference.task(),
                        difference.folder(),
                        difference.where(),
                        difference.was(),
                        difference.is(),
                        directory)),
                () -> text.append(String.format("%d tasks computed again: all bits are equal%n", tasks)));
        circumstances().forEach((name, both) -> text.append(String.format("%s was %s%n", name, both)));
        return text.toString();
    }
}
