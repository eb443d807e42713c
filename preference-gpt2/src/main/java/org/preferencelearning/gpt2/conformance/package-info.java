/** Compares what this library computes on this machine with recorded values of another implementation. */
package org.preferencelearning.gpt2.conformance;
