package org.preferencelearning.experiments.run;

import java.nio.file.Path;
import java.util.List;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.TaskKeys;

/**
 * What a directory's manifest says, read once for whoever asks.
 *
 * @param manifest as it is written
 * @param study of it
 * @param cells the study's, with the contents that the manifest names
 * @param keys of their tasks
 */
record RunContents(Manifest manifest, Study study, List<Cell> cells, TaskKeys keys) {
    /** Throws a {@link RunDirectoryException} if it is no run. */
    static RunContents of(Path directory) {
        Manifest manifest = RunDirectory.manifest(directory);
        Study study = RunDirectory.study(directory, manifest);
        return new RunContents(manifest, study, study.cells(new SavedContents(manifest.contents())), new TaskKeys());
    }
}
