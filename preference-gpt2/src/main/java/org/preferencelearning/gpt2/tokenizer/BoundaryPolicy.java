package org.preferencelearning.gpt2.tokenizer;

/** Where the scored response begins. */
public enum BoundaryPolicy {
    /** Prompt and response are encoded apart and joined; no token spans the boundary. */
    SEPARATE,
    /**
     * Prompt and response are encoded as one text, and cut after as many tokens as the prompt alone has. Where a token
     * spans the boundary, the cut is off by it; such sequences are counted.
     */
    JOINT,
    /**
     * Prompt and response are encoded as one text; what the chosen and rejected ids share at the start is the prompt. A
     * common beginning of the two responses is then not scored, which changes no margin.
     */
    COMMON_PREFIX,
    /** The text is encoded as one and has no prompt, as reward models read it. */
    NONE
}
