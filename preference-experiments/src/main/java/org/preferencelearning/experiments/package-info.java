/** Studies of preference learning: a Java DSL to describe them, a runner, and results with intervals. */
package org.preferencelearning.experiments;
