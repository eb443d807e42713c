/** Typed errors of bad input: each names what was wrong, the value found and what is allowed. */
package org.preferencelearning.core.error;
