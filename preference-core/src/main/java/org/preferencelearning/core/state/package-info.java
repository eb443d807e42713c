/**
 * State that is saved by name and read back to the bit: what has it writes itself to a {@link
 * org.preferencelearning.core.state.StateWriter} and loads itself from a {@link
 * org.preferencelearning.core.state.StateReader}; where it is kept is theirs to say.
 */
package org.preferencelearning.core.state;
