/**
 * What a policy, a reference policy and a reward model are, and how one that can be trained exposes its parameters and
 * its gradient. A model maps token sequences to one number each; losses and trainers need no more than that.
 */
package org.preferencelearning.core.model;
