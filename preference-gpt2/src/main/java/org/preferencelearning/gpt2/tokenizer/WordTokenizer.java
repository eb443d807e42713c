package org.preferencelearning.gpt2.tokenizer;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.preferencelearning.core.error.SettingException;

/** One token a word, for generated worlds of few words; words are separated by spaces. */
public final class WordTokenizer implements Tokenizer {
    private static final Splitter WORDS = Splitter.on(' ').omitEmptyStrings();
    private static final String END = "<end>";

    private final List<String> words;
    private final Map<String, Integer> ids;

    private WordTokenizer(List<String> words) {
        this.words = words;
        ImmutableMap.Builder<String, Integer> ids = ImmutableMap.builder();
        for (int i = 0; i < words.size(); i++) {
            ids.put(words.get(i), i);
        }
        this.ids = ids.buildOrThrow();
    }

    /** A tokenizer of the given words, numbered in their order; the end of text comes after them. */
    public static WordTokenizer of(List<String> words) {
        return new WordTokenizer(
                ImmutableList.<String>builder().addAll(words).add(END).build());
    }

    /** @throws SettingException if a word is not in the vocabulary */
    @Override
    public int[] encode(String text) {
        List<Integer> encoded = new ArrayList<>();
        for (String word : WORDS.split(text)) {
            Integer id = ids.get(word);
            SettingException.require(id != null, "word", word, "the " + words.size() + " words of the vocabulary");
            encoded.add(id);
        }
        return encoded.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public String decode(int[] ids) {
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            SettingException.require(id >= 0, "token", id, "an id of at least 0");
            if (id < words.size()) {
                text.append(text.isEmpty() ? "" : " ").append(words.get(id));
            }
        }
        return text.toString();
    }

    @Override
    public int vocabulary() {
        return words.size();
    }

    @Override
    public int endOfText() {
        return words.size() - 1;
    }
}
