package org.preferencelearning.core.finite;

import java.util.OptionalDouble;

/**
 * Why a result may be believed to be the optimum.
 *
 * @param gradientNorm norm of the objective's gradient there; 0 for closed forms
 * @param starts from how many starting points the search was made; 0 for closed forms
 * @param agreeing how many of them ended within 1e-7 of the best value
 * @param upperBound for a class of one parameter, a proven upper bound of the objective over the whole class
 */
public record Certificate(double gradientNorm, int starts, int agreeing, OptionalDouble upperBound) {
    static Certificate closedForm() {
        return new Certificate(0, 0, 0, OptionalDouble.empty());
    }
}
