/** Writing files so that nothing is ever half-written. */
package org.preferencelearning.core.io;
