package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import org.preferencelearning.core.data.PreferenceFormats;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.data.PromptReader;
import org.preferencelearning.core.data.PythonText;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.internal.tasks.LoadPairs;
import org.preferencelearning.experiments.internal.tasks.Models;
import org.preferencelearning.experiments.internal.tasks.StudyData;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.experiments.study.PromptSpec;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A study's prompts as tokens: the first that are short enough. Not kept: it takes less time than to write them.
 *
 * @param source where they come from
 * @param content SHA-256 of their file, empty where they are the pairs' own
 * @param pairs the study's pairs, whose tokenizer is used
 * @param count how many, at least 1
 * @param maxCharacters longer ones, template included, are left out; 0 for no such limit
 * @param maxTokens likewise
 */
record LoadPrompts(PromptSpec source, String content, LoadPairs pairs, int count, int maxCharacters, int maxTokens)
        implements Task<List<int[]>> {
    private static final Logger LOG = LoggerFactory.getLogger(LoadPrompts.class);

    LoadPrompts {
        requireNonNull(source, "source");
        requireNonNull(content, "content");
        requireNonNull(pairs, "pairs");
        SettingException.requireAtLeast("prompts", count, 1);
    }

    @Override
    public List<int[]> run(TaskContext context) {
        StudyData data = context.get(pairs);
        List<int[]> prompts = new ArrayList<>();
        for (String text : texts(data, context)) {
            if (prompts.size() == count) {
                break;
            }
            if (maxCharacters > 0 && PythonText.length(text) > maxCharacters) {
                continue;
            }
            int[] tokens = data.tokenizer().encode(text);
            if (tokens.length >= 1 && tokens.length <= maxTokens) {
                prompts.add(tokens);
            }
        }
        SettingException.require(
                prompts.size() == count,
                "prompts",
                count,
                "at most " + prompts.size() + " in all, the different prompts of up to " + maxTokens + " tokens"
                        + (maxCharacters > 0 ? " and " + maxCharacters + " characters" : ""));
        return prompts;
    }

    /** Of a world as many as are asked for, of pairs all that differ, of a file of prompts its rows. */
    private List<String> texts(StudyData data, TaskContext context) {
        if (!(source instanceof PromptSpec.OfData)) {
            PromptReader.Result read = PromptReader.read(
                    new Models(context.progress()).file(source), PreferenceFormats.CONVERSATION_TEMPLATE);
            if (read.rejected().total() > 0) {
                LOG.warn("{}: rows of prompts left out: {}", source, read.rejected());
            }
            return read.prompts();
        }
        return pairs.data() instanceof DatasetSpec.World world
                ? world.world().prompts(count)
                : data.train().pairs().stream()
                        .map(PreferencePair::prompt)
                        .distinct()
                        .toList();
    }

    @Override
    public Codec<List<int[]>> codec() {
        return Codec.none();
    }

    @Override
    public String label() {
        return count + " prompts";
    }
}
