/**
 * Models and data sets by their name on the Hugging Face Hub: found in a local folder or in the cache that Python's
 * libraries share, or downloaded into it.
 */
package org.preferencelearning.gpt2.hub;
