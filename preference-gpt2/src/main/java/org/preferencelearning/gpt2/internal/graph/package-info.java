/** The transformer as a SameDiff graph, and the few operations it is allowed to be made of. */
package org.preferencelearning.gpt2.internal.graph;
