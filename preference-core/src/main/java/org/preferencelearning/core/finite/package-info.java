/**
 * Policies and rewards over finite sets of prompts and responses, log-linear and linear in given features. They train in
 * milliseconds, so losses and trainers can be tested with them, and they carry the exact studies.
 */
package org.preferencelearning.core.finite;
