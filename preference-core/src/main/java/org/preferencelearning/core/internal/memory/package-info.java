/** How much memory there is, asked before much of it is taken. */
package org.preferencelearning.core.internal.memory;
