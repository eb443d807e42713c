/** The {@code preference} command: one subcommand for each thing a user wants to do, each with a short class of its own. */
package org.preferencelearning.examples;
