/**
 * Runs SameDiff graphs of fixed shapes: {@link org.preferencelearning.gpt2.internal.compile.CompiledGraph} plans a graph once and
 * then replays its operations into buffers that it owns; {@link org.preferencelearning.gpt2.internal.compile.SessionGraph} is
 * SameDiff's own session behind the same interface, the oracle that tests compare with.
 */
package org.preferencelearning.gpt2.internal.compile;
