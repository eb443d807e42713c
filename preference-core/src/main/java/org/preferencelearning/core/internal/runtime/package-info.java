/** What this library asks of the process that it runs in: settings of its native libraries, and a clean standard output. */
package org.preferencelearning.core.internal.runtime;
