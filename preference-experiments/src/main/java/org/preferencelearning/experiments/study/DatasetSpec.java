package org.preferencelearning.experiments.study;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.preferencelearning.core.data.Columns;
import org.preferencelearning.core.data.Criterion;
import org.preferencelearning.core.data.PreferenceFormat;
import org.preferencelearning.core.data.PreferenceFormats;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.task.Described;
import org.preferencelearning.experiments.task.NotInKey;
import org.preferencelearning.experiments.world.SparseTextWorld;

/** Where a study's preference pairs come from. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = DatasetSpec.File.class, name = "file"),
    @JsonSubTypes.Type(value = DatasetSpec.Hub.class, name = "hub"),
    @JsonSubTypes.Type(value = DatasetSpec.Renamed.class, name = "renamed"),
    @JsonSubTypes.Type(value = DatasetSpec.World.class, name = "sparse_text_world"),
    @JsonSubTypes.Type(value = DatasetSpec.Own.class, name = "own")
})
public sealed interface DatasetSpec {
    /** Short name for tables. */
    @JsonIgnore
    String label();

    /**
     * The same pairs with the chosen response judged by {@code criterion}.
     *
     * @throws SettingException if the data holds one judgement only
     */
    default DatasetSpec objective(Criterion criterion) {
        throw new SettingException("objective", criterion, "none: '" + label() + "' holds one judgement only");
    }

    /**
     * The same pairs where the file's columns have other names than its format's fields.
     *
     * @throws SettingException if there is no file, no column, or a field has two
     */
    default DatasetSpec columns(Column... columns) {
        SortedMap<String, String> byField = new TreeMap<>();
        for (Column column : columns) {
            SettingException.require(
                    byField.put(column.field(), column.name()) == null, "columns", column.field(), "each field once");
        }
        return new Renamed(this, byField);
    }

    /** Whether the pairs are known to be judged by {@code criterion}. */
    default boolean isJudgedBy(Criterion criterion) {
        return false;
    }

    /**
     * Pairs of a file, of a folder's files or of those that a pattern matches.
     *
     * @param format schema of the rows
     * @param path where they are
     */
    record File(Format format, @NotInKey String path) implements DatasetSpec {
        public File {
            requireNonNull(format, "format");
            requireNonNull(path, "path");
        }

        @Override
        public DatasetSpec objective(Criterion criterion) {
            return new File(format.objective(criterion, label()), path);
        }

        @Override
        public boolean isJudgedBy(Criterion criterion) {
            return format.isJudgedBy(criterion);
        }

        @Override
        public String label() {
            return format.name().toLowerCase(Locale.ROOT) + " " + Path.of(path).getFileName();
        }
    }

    /**
     * Pairs of a file whose columns have other names than its format's fields.
     *
     * @param of the file
     * @param columns at least one field and its column
     */
    record Renamed(DatasetSpec of, SortedMap<String, String> columns) implements DatasetSpec {
        public Renamed {
            SettingException.require(
                    of instanceof File || of instanceof Hub, "columns", of.label(), "columns of a file");
            SettingException.require(!columns.isEmpty(), "columns", "none", "at least one");
            columns = new Columns(columns).byField();
        }

        @Override
        public DatasetSpec objective(Criterion criterion) {
            return new Renamed(of.objective(criterion), columns);
        }

        @Override
        public boolean isJudgedBy(Criterion criterion) {
            return of.isJudgedBy(criterion);
        }

        @Override
        public String label() {
            return of.label();
        }
    }

    /**
     * Pairs of a file on the Hugging Face Hub.
     *
     * @param format schema of its rows
     * @param repository {@code owner/name} or {@code owner/name@revision}
     * @param file path within the repository
     */
    record Hub(
            Format format,
            @NotInKey String repository,
            @NotInKey String file) implements DatasetSpec {
        public Hub {
            requireNonNull(format, "format");
            requireNonNull(repository, "repository");
            requireNonNull(file, "file");
        }

        @Override
        public DatasetSpec objective(Criterion criterion) {
            return new Hub(format.objective(criterion, label()), repository, file);
        }

        @Override
        public boolean isJudgedBy(Criterion criterion) {
            return format.isJudgedBy(criterion);
        }

        @Override
        public String label() {
            return repository;
        }
    }

    /** Schemas of files. */
    enum Format {
        HH_RLHF,
        PKU_BETTER,
        PKU_SAFER,
        PROMPT_CHOSEN_REJECTED,
        IMPLICIT_PROMPT,
        CONVERSATIONS,
        ULTRAFEEDBACK_BINARIZED,
        ULTRAFEEDBACK_RATINGS,
        ORCA_DPO,
        SHP,
        WEBGPT,
        LLAMA_FACTORY,
        SHAREGPT;

        /** How rows of this schema are read. */
        public PreferenceFormat format() {
            return switch (this) {
                case HH_RLHF -> PreferenceFormats.hhRlhf();
                case PKU_BETTER -> PreferenceFormats.pkuSafeRlhf(Criterion.BETTER);
                case PKU_SAFER -> PreferenceFormats.pkuSafeRlhf(Criterion.SAFER);
                case PROMPT_CHOSEN_REJECTED -> PreferenceFormats.promptChosenRejected();
                case IMPLICIT_PROMPT -> PreferenceFormats.implicitPrompt();
                case CONVERSATIONS -> PreferenceFormats.conversations();
                case ULTRAFEEDBACK_BINARIZED -> PreferenceFormats.ultraFeedbackBinarized();
                case ULTRAFEEDBACK_RATINGS -> PreferenceFormats.ultraFeedbackRatings();
                case ORCA_DPO -> PreferenceFormats.orcaPairs();
                case SHP -> PreferenceFormats.stanfordHumanPreferences();
                case WEBGPT -> PreferenceFormats.webGptComparisons();
                case LLAMA_FACTORY -> PreferenceFormats.llamaFactoryRanking();
                case SHAREGPT -> PreferenceFormats.shareGptRanking();
            };
        }

        private boolean isJudgedBy(Criterion criterion) {
            return this == (criterion == Criterion.BETTER ? PKU_BETTER : PKU_SAFER);
        }

        private Format objective(Criterion criterion, String label) {
            if (this != PKU_BETTER && this != PKU_SAFER) {
                throw new SettingException("objective", criterion, "none: '" + label + "' holds one judgement only");
            }
            return criterion == Criterion.BETTER ? PKU_BETTER : PKU_SAFER;
        }
    }

    /**
     * Pairs drawn from a world whose reward is known.
     *
     * @param world the world
     * @param pairs how many are drawn, at least 20
     */
    record World(SparseTextWorld world, int pairs) implements DatasetSpec {
        public World {
            requireNonNull(world, "world");
            SettingException.requireAtLeast("pairs", pairs, 20);
        }

        @Override
        public String label() {
            return "sparse text world";
        }
    }

    /**
     * Pairs from a user's own code.
     *
     * @param source gives them
     */
    record Own(PairSource source) implements DatasetSpec {
        public Own {
            Described.require("dataset", source, PairSource.class);
        }

        @Override
        public String label() {
            return source.label();
        }
    }
}
