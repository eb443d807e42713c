package org.preferencelearning.experiments.run;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.study.Contents;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.experiments.study.PromptSpec;

/** The hashes that a run directory remembers. */
record SavedContents(Map<String, String> hashes) implements Contents {
    @Override
    public String of(DatasetSpec dataset) {
        return get(FileContents.name(dataset));
    }

    @Override
    public String of(PromptSpec prompts) {
        return prompts instanceof PromptSpec.OfData ? "" : get(FileContents.name(prompts));
    }

    @Override
    public String ofModel(String source) {
        return get(FileContents.name(source));
    }

    private String get(String name) {
        SettingException.require(hashes.containsKey(name), "contents", name, "one of " + hashes.keySet());
        return requireNonNull(hashes.get(name), name);
    }
}
