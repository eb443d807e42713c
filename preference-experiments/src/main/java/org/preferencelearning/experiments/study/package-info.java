/** What a finished chain of the DSL is: inert records that describe a study and can be printed, hashed and saved. */
package org.preferencelearning.experiments.study;
