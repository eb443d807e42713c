/**
 * From text to token ids: GPT-2's byte-pair encoding, and the choices that change what is scored as named values (where
 * the prompt ends, what is cut, whether the end of text is scored).
 */
package org.preferencelearning.gpt2.tokenizer;
