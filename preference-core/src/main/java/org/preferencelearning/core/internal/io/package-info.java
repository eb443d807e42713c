/**
 * Writing files and folders so that nothing is ever half-written, and nothing of the user's replaced or deleted: places are
 * checked before the work whose result goes there.
 */
package org.preferencelearning.core.internal.io;
