package org.preferencelearning.experiments.internal.tasks;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.OptionalDouble;
import org.preferencelearning.core.data.Columns;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.PreferenceReader;
import org.preferencelearning.core.data.ReadLimits;
import org.preferencelearning.core.data.RejectedRows;
import org.preferencelearning.experiments.study.Contents;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.tokenizer.Gpt2Tokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;
import org.preferencelearning.gpt2.tokenizer.WordTokenizer;

/**
 * Reads, or draws, a data set's pairs and splits them. Not kept: it takes less time than to write them.
 *
 * @param data where pairs come from
 * @param content SHA-256 of that
 * @param validationShare share that is held out
 * @param splitSeed NumPy's seed of the split
 */
public record LoadPairs(DatasetSpec data, String content, double validationShare, long splitSeed)
        implements Task<StudyData> {
    public LoadPairs {
        requireNonNull(data, "data");
        requireNonNull(content, "content");
    }

    /** The task for data whose file is hashed by {@code contents}. */
    public static LoadPairs of(DatasetSpec data, Contents contents, double validationShare, long splitSeed) {
        return new LoadPairs(data, contents.of(data), validationShare, splitSeed);
    }

    @Override
    public StudyData run(TaskContext context) {
        if (data instanceof DatasetSpec.World world) {
            return drawn(world);
        }
        if (data instanceof DatasetSpec.Own own) {
            return split(new PreferenceDataset(own.label(), own.source().pairs()), RejectedRows.none());
        }
        DatasetSpec named = data instanceof DatasetSpec.Renamed renamed ? renamed.of() : data;
        DatasetSpec.Format format =
                named instanceof DatasetSpec.Hub hub ? hub.format() : ((DatasetSpec.File) named).format();
        PreferenceReader.Result read = PreferenceReader.read(
                new Models(context.progress()).file(data),
                format.format(),
                data instanceof DatasetSpec.Renamed renamed ? new Columns(renamed.columns()) : Columns.none(),
                ReadLimits.current());
        return split(read.dataset(), read.rejected());
    }

    private StudyData split(PreferenceDataset pairs, RejectedRows rejected) {
        PreferenceDataset.Split split = pairs.trainTestSplit(validationShare, splitSeed);
        return new StudyData(split.train(), split.test(), tokenizer(), rejected, OptionalDouble.empty());
    }

    /** Whether each word of the texts is a token, rather than GPT-2's pieces of words. */
    public boolean wordsAreTokens() {
        return !words().isEmpty();
    }

    private List<String> words() {
        if (data instanceof DatasetSpec.World world) {
            return world.world().vocabulary();
        }
        return data instanceof DatasetSpec.Own own ? own.source().words() : List.of();
    }

    /** The tokenizer that fits the data's texts. */
    public Tokenizer tokenizer() {
        return wordsAreTokens() ? WordTokenizer.of(words()) : Gpt2Tokenizer.create();
    }

    private StudyData drawn(DatasetSpec.World spec) {
        SparseTextWorld world = spec.world();
        PreferenceDataset.Split split = world.sample(spec.pairs()).trainTestSplit(validationShare, splitSeed);
        return new StudyData(
                split.train(),
                split.test(),
                tokenizer(),
                RejectedRows.none(),
                OptionalDouble.of(world.ceiling(split.test())));
    }

    @Override
    public Codec<StudyData> codec() {
        return Codec.none();
    }

    @Override
    public String label() {
        return "pairs of " + data.label();
    }
}
