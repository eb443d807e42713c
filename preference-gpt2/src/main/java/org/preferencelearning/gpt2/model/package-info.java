/** GPT-2 as a policy (output head tied to the token embeddings) and as a reward model (scalar head at the last token). */
package org.preferencelearning.gpt2.model;
