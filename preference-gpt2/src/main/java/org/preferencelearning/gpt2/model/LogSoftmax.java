package org.preferencelearning.gpt2.model;

/** The logarithm of the softmax of each row of a matrix, in double precision on the host. */
final class LogSoftmax {
    private LogSoftmax() {}

    /** The logarithms, in place of logits. */
    static double[] of(double[] logits, int columns) {
        for (int start = 0; start < logits.length; start += columns) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int i = start; i < start + columns; i++) {
                largest = Math.max(largest, logits[i]);
            }
            double sum = 0;
            for (int i = start; i < start + columns; i++) {
                sum += Math.exp(logits[i] - largest);
            }
            double log = largest + Math.log(sum);
            for (int i = start; i < start + columns; i++) {
                logits[i] -= log;
            }
        }
        return logits;
    }

    /** The gradient by the logits: {@code u - p sum(u)}, with the derivative {@code u} by the logarithms. */
    static double[] gradient(double[] logProbabilities, double[] upstream, int columns) {
        double[] gradient = new double[upstream.length];
        for (int start = 0; start < upstream.length; start += columns) {
            double sum = 0;
            for (int i = start; i < start + columns; i++) {
                sum += upstream[i];
            }
            for (int i = start; i < start + columns; i++) {
                gradient[i] = upstream[i] - Math.exp(logProbabilities[i]) * sum;
            }
        }
        return gradient;
    }
}
