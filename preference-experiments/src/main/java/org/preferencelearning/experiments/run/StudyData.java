package org.preferencelearning.experiments.run;

import java.nio.file.Path;
import java.util.OptionalDouble;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.PreferenceReader;
import org.preferencelearning.core.data.RejectedRows;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.study.DataSizeStudy;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.tokenizer.Gpt2Tokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;
import org.preferencelearning.gpt2.tokenizer.WordTokenizer;

/**
 * A study's pairs, split, and the tokenizer that fits them.
 *
 * @param rejected rows of the file that could not be used
 * @param ceiling where the truth is known, the accuracy it is expected to have on the held-out labels
 */
record StudyData(
        PreferenceDataset train,
        PreferenceDataset validation,
        Tokenizer tokenizer,
        RejectedRows rejected,
        OptionalDouble ceiling) {

    static StudyData of(DataSizeStudy study, Models models) {
        StudyData data = load(study.dataset(), study.validationShare(), study.splitSeed(), models);
        int largest = study.sizes().stream().mapToInt(Integer::intValue).max().orElseThrow();
        SettingException.require(
                largest <= data.train.size(),
                "sizes",
                largest,
                "at most " + data.train.size() + ", the pairs of the training part");
        return data;
    }

    /** The pairs of a data set, split. */
    static StudyData load(DatasetSpec dataset, double validationShare, long splitSeed, Models models) {
        if (dataset instanceof DatasetSpec.World world) {
            return ofWorld(world, validationShare, splitSeed);
        }
        PreferenceReader.Result read = dataset instanceof DatasetSpec.Hub hub
                ? PreferenceReader.read(models.file(hub), hub.format().format())
                : read((DatasetSpec.File) dataset);
        PreferenceDataset.Split split = read.dataset().trainTestSplit(validationShare, splitSeed);
        return new StudyData(
                split.train(), split.test(), Gpt2Tokenizer.create(), read.rejected(), OptionalDouble.empty());
    }

    private static PreferenceReader.Result read(DatasetSpec.File file) {
        return PreferenceReader.read(Path.of(file.path()), file.format().format());
    }

    private static StudyData ofWorld(DatasetSpec.World spec, double validationShare, long splitSeed) {
        SparseTextWorld world = spec.world();
        PreferenceDataset.Split split = world.sample(spec.pairs()).trainTestSplit(validationShare, splitSeed);
        return new StudyData(
                split.train(),
                split.test(),
                WordTokenizer.of(world.vocabulary()),
                RejectedRows.none(),
                OptionalDouble.of(world.ceiling(split.test())));
    }
}
