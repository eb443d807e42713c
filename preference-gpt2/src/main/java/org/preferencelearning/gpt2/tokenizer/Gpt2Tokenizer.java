package org.preferencelearning.gpt2.tokenizer;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import org.preferencelearning.core.error.SettingException;

/**
 * GPT-2's byte-pair encoding. Ids are Hugging Face's, also for the literal {@code <|endoftext|>} inside a text, which is
 * one token there and ordinary text to other implementations.
 */
public final class Gpt2Tokenizer implements Tokenizer {
    /** How the end-of-text token is written. */
    public static final String END_OF_TEXT = "<|endoftext|>";

    static final int END_OF_TEXT_ID = 50256;

    private final Encoding encoding;

    private Gpt2Tokenizer(Encoding encoding) {
        this.encoding = encoding;
    }

    /** The tokenizer; making one takes a moment, as it reads the vocabulary. */
    public static Gpt2Tokenizer create() {
        return new Gpt2Tokenizer(Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE));
    }

    @Override
    public int[] encode(String text) {
        IntArrayList ids = new IntArrayList();
        int start = 0;
        for (int end = text.indexOf(END_OF_TEXT); end >= 0; end = text.indexOf(END_OF_TEXT, start)) {
            append(ids, text.substring(start, end));
            ids.add(END_OF_TEXT_ID);
            start = end + END_OF_TEXT.length();
        }
        append(ids, text.substring(start));
        return ids.toArray();
    }

    private void append(IntArrayList ids, String text) {
        if (!text.isEmpty()) {
            for (int id : encoding.encodeOrdinary(text).toArray()) {
                ids.add(id);
            }
        }
    }

    @Override
    public String decode(int[] ids) {
        IntArrayList list = new IntArrayList(ids.length);
        for (int id : ids) {
            SettingException.require(id >= 0, "token", id, "an id of at least 0");
            if (id <= END_OF_TEXT_ID) {
                list.add(id);
            }
        }
        return encoding.decode(list);
    }

    @Override
    public int vocabulary() {
        return END_OF_TEXT_ID + 1;
    }

    @Override
    public int endOfText() {
        return END_OF_TEXT_ID;
    }
}
