package org.preferencelearning.experiments.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.preferencelearning.experiments.result.CellResult;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.TaskKey;
import org.preferencelearning.experiments.task.TaskKeys;

/** Reads the finished cells of a run directory, without its data files. */
final class SavedRun {
    private SavedRun() {}

    static StudyResult load(Path root) {
        Manifest manifest = RunDirectory.manifest(root);
        Study study = RunDirectory.study(root);
        TaskKeys keys = new TaskKeys();
        List<CellResult> results = new ArrayList<>();
        for (Cell cell : study.cells(new SavedContents(manifest.contents()))) {
            TaskKey key = keys.of(cell.task());
            Path folder = RunDirectory.finished(root, key);
            if (!Files.isDirectory(folder)) {
                throw new RunDirectoryException(root, "is not finished: " + cell.id() + " is missing; resume it first");
            }
            requireSealed(folder);
            results.add(new CellResult(cell.id(), RunDirectory.read(root, cell.task(), key)));
        }
        List<Manifest.Session> sessions = manifest.sessions();
        return new StudyResult(study, results, sessions.get(sessions.size() - 1).provenance());
    }

    private static void requireSealed(Path folder) {
        try {
            String damage = SealedFolder.damage(folder);
            if (damage != null) {
                throw new RunDirectoryException(
                        folder, "is damaged: " + damage + "; resume the run to compute it again");
            }
        } catch (IOException e) {
            throw new RunDirectoryException(folder, "cannot be read: " + e, e);
        }
    }
}
