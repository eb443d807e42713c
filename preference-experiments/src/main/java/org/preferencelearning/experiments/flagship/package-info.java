/** The studies that this library exists for, ready to run: one class each. */
package org.preferencelearning.experiments.flagship;
