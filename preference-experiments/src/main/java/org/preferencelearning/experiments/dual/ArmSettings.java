package org.preferencelearning.experiments.dual;

import static java.util.Objects.requireNonNull;

import org.preferencelearning.core.error.SettingException;

/**
 * What an arm of a study does, in whatever world.
 *
 * @param method which
 * @param policies what it chooses from
 * @param beta strength of the regularisation, above 0
 * @param rounds how long it trains
 * @param starts where searches begin, at least 1: at the reference, and at random places around it
 * @param rollouts responses that methods which draw some draw to each prompt, at least 2
 */
record ArmSettings(DualTokenMethod method, PolicyClass policies, double beta, Rounds rounds, int starts, int rollouts) {
    ArmSettings {
        requireNonNull(method, "method");
        requireNonNull(policies, "policies");
        SettingException.requirePositive("beta", beta);
        requireNonNull(rounds, "rounds");
        SettingException.requireAtLeast("starts", starts, 1);
        SettingException.requireAtLeast("rollouts", rollouts, 2);
    }
}
