/**
 * The test kit: contracts that a project extends in the tests of its own losses, reward models and row formats, assertions that
 * say what differs, and a world small enough to train in. Needs JUnit 5 and AssertJ, which it brings, and a tensor backend.
 */
package org.preferencelearning.testkit;
