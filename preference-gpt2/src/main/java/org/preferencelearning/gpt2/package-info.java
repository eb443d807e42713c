/** GPT-2 of any size: its SameDiff graph, execution, weights, tokenizer, and its use as policy and as reward model. */
package org.preferencelearning.gpt2;
