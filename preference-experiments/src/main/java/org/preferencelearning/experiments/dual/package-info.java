/**
 * GPT-2 in a world that can be summed over: responses are two words, so that a policy's value, its divergence and the loss of
 * every method are sums instead of samples, and Section 3's statements about exact optimisation can be asked of a transformer.
 */
package org.preferencelearning.experiments.dual;
