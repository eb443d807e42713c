/**
 * The verification of Section 3 with trained policies: iterations of sampling, annotation, pair selection and training, for
 * several arms under several conditions of mis-specification.
 */
package org.preferencelearning.experiments.online;
