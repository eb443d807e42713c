/**
 * Studies with parts of one's own: each class is one part, ten lines or so, and a study that uses it. A part is a record, so that
 * the study can be printed, saved as JSON with the part's class and components, keyed and read on another machine that has the
 * class.
 */
package org.preferencelearning.examples.own;
