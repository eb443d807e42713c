package org.preferencelearning.experiments.online;

import java.util.Arrays;
import java.util.List;
import org.preferencelearning.core.data.PythonText;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.RewardModel;
import org.preferencelearning.experiments.study.TextScore;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.experiments.world.WorldReward;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;

/** Rewards of responses whose end-of-text token, if any, is not part of the text. */
public interface Annotator extends RewardModel {
    /** A known function of a world's text. */
    static Annotator ofWorld(SparseTextWorld world, WorldReward reward, Tokenizer tokenizer) {
        return sequences -> sequences.stream()
                .mapToDouble(sequence -> reward.of(world, response(sequence, tokenizer)))
                .toArray();
    }

    /** A user's own function of text. */
    static Annotator ofText(TextScore score, Tokenizer tokenizer) {
        return sequences -> sequences.stream()
                .mapToDouble(sequence -> {
                    String prompt = tokenizer.decode(Arrays.copyOf(sequence.tokens(), sequence.promptLength()));
                    double value = score.of(prompt, response(sequence, tokenizer));
                    SettingException.require(Double.isFinite(value), score.label(), value, "a finite number");
                    return value;
                })
                .toArray();
    }

    /**
     * A reward model that reads text: prompt and response are decoded, the response's outer blanks removed, and encoded
     * again, as the public code does ({@code get_rewards.py}).
     */
    static Annotator ofModel(RewardModel model, Tokenizer tokenizer) {
        return sequences -> model.rewards(sequences.stream()
                .map(sequence -> reencoded(sequence, tokenizer))
                .toList());
    }

    /** A reward model that reads the tokens as they were drawn, without the end of text. */
    static Annotator ofTokens(RewardModel model, Tokenizer tokenizer) {
        return sequences -> model.rewards(sequences.stream()
                .map(sequence ->
                        new TokenSequence(Arrays.copyOf(sequence.tokens(), Math.max(1, end(sequence, tokenizer))), 0))
                .toList());
    }

    private static TokenSequence reencoded(TokenSequence sequence, Tokenizer tokenizer) {
        int[] prompt = Arrays.copyOf(sequence.tokens(), sequence.promptLength());
        String text = tokenizer.decode(prompt) + PythonText.strip(response(sequence, tokenizer));
        int[] ids = tokenizer.encode(text);
        return new TokenSequence(ids, 0);
    }

    private static String response(TokenSequence sequence, Tokenizer tokenizer) {
        return tokenizer.decode(
                Arrays.copyOfRange(sequence.tokens(), sequence.promptLength(), end(sequence, tokenizer)));
    }

    /** Where the response ends, its end-of-text tokens not counted. */
    private static int end(TokenSequence sequence, Tokenizer tokenizer) {
        int end = sequence.length();
        while (end > sequence.promptLength() && sequence.token(end - 1) == tokenizer.endOfText()) {
            end--;
        }
        return end;
    }

    /** Rewards of many sequences. */
    @Override
    double[] rewards(List<TokenSequence> sequences);
}
