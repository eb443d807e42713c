/** What a device beside the processor supplies to a model's parameters and to their optimiser. */
package org.preferencelearning.core.device;
