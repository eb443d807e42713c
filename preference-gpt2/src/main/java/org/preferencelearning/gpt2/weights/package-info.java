/** Model files: safetensors in Hugging Face's names and layout, read with every check before anything is allocated. */
package org.preferencelearning.gpt2.weights;
