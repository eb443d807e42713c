/** Units of work as pure functions of their description: what they are, how they are named, and what they may ask for. */
package org.preferencelearning.experiments.task;
