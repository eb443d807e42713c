package org.preferencelearning.gpt2.tokenizer;

/** Whether the end-of-text token is put after a response, and so scored. */
public enum EosPolicy {
    APPEND,
    NONE
}
