/**
 * What every study of preference learning needs, whatever the model is: preference data, policies and reward models,
 * losses, the trainer and one source of randomness. Nothing here knows of transformers or picks a tensor backend.
 */
package org.preferencelearning.core;
