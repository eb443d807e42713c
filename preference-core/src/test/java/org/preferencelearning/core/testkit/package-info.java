/** The test kit: what a project that adds losses or models extends or calls in its own tests. */
package org.preferencelearning.core.testkit;
