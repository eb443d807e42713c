/** What the tests of all modules share; no part of what is published, which is {@code preference-testkit}. */
package org.preferencelearning.core.testkit;
