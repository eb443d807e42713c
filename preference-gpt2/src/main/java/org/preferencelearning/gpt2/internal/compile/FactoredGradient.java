package org.preferencelearning.gpt2.internal.compile;

import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.preferencelearning.core.model.DeferredGradient;
import org.preferencelearning.gpt2.KernelClock;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.internal.compile.DnnlContext.Call;
import org.preferencelearning.gpt2.internal.compile.DnnlContext.View;

/**
 * The gradient of a matrix as the product that it is: of the transposed inputs of a linear map and the derivatives by its
 * outputs, one row a position. With few positions these are smaller than the gradient. In float32, on oneDNN.
 *
 * <p>The sum of its squares is that of the products of corresponding entries of the factors' Gram matrices,
 * {@code |L'R|^2 = sum_ij (LL')_ij (RR')_ij}. Where these terms all but cancel, it is taken from the gradient itself.
 */
public final class FactoredGradient implements DeferredGradient {
    /** Rows of a Gram matrix that are computed at once. */
    private static final int PANEL = 128;
    /** Terms have relative errors of about 1e-7 and mostly do not share them. */
    private static final double LEAST_SHARE = 1e-3;
    /** Squares of what is smaller near the end of float's range, where arithmetic is slow besides. */
    private static final double SMALL = 1e-12;

    private static final int MOST_DOUBLINGS = 120;
    /** One value of so many is looked at to find out whether all are small; odd, to meet every column. */
    private static final int SAMPLED = 997;
    /** Values of the gradient that are computed at once. */
    private static final long PART = 1 << 20;

    private final INDArray left;
    private final INDArray right;
    private final KernelClock clock;

    /**
     * {@code left' right}.
     *
     * @param left {@code [positions, rows]}, row-major and without gaps, in float32
     * @param right {@code [positions, columns]}, likewise
     * @param clock counts the time of products
     */
    public FactoredGradient(INDArray left, INDArray right, KernelClock clock) {
        this.left = left;
        this.right = right;
        this.clock = clock;
    }

    /**
     * Whether factors of so many positions can be used and save two fifths of the gradient's memory. With fewer positions
     * they save more of it, and the norm from factors takes less time beside the gradient.
     */
    public static boolean pays(DataType type, long positions, long rows, long columns) {
        return type == DataType.FLOAT
                && 5 * positions * (rows + columns) <= 3 * rows * columns
                && DnnlContext.available();
    }

    @Override
    public void rows(long first, INDArray into) {
        try (DnnlContext context = new DnnlContext()) {
            View factor =
                    context.view(left, new long[] {into.size(0), left.size(0)}, new long[] {1, left.size(1)}, first);
            run(context, factor, context.matrix(right), context.matrix(into));
        }
    }

    private void run(DnnlContext context, View a, View b, View out) {
        List<Call> product = context.product(a, b, out, false, MatrixPrecision.FLOAT32);
        clock.time(KernelClock.PRODUCTS, () -> context.execute(product));
    }

    @Override
    public double squares() {
        if (sampledSize(right) >= SMALL) {
            return squaresFromGrams();
        }
        double size = right.amaxNumber().doubleValue();
        if (size == 0 || !Double.isFinite(size)) {
            return size == 0 ? 0 : squaresOfValues();
        }
        double factor = Math.scalb(1.0, Math.min(MOST_DOUBLINGS, -Math.getExponent(size)));
        try (INDArray scaled = right.mul(factor)) {
            return new FactoredGradient(left, scaled, clock).squaresFromGrams() / (factor * factor);
        }
    }

    /** Largest of some values. */
    private static double sampledSize(INDArray matrix) {
        Floats values = new Floats(Floats.address(matrix));
        float largest = 0;
        for (long i = 0; i < matrix.length(); i += SAMPLED) {
            largest = Math.max(largest, Math.abs(values.get(i)));
        }
        return largest;
    }

    private double squaresFromGrams() {
        int positions = (int) left.size(0);
        double sum = 0;
        double sizes = 0;
        float[] ofLeft = new float[PANEL * positions];
        float[] ofRight = new float[PANEL * positions];
        try (INDArray gram = Nd4j.createUninitialized(DataType.FLOAT, (long) PANEL * positions);
                DnnlContext context = new DnnlContext()) {
            for (int start = 0; start < positions; start += PANEL) {
                int end = Math.min(positions, start + PANEL);
                gram(context, left, start, end, gram, ofLeft);
                gram(context, right, start, end, gram, ofRight);
                for (int row = 0; row < end - start; row++) {
                    for (int column = 0; column < end; column++) {
                        int i = row * end + column;
                        double term = (double) ofLeft[i] * ofRight[i] * (column < start ? 2 : 1);
                        sum += term;
                        sizes += Math.abs(term);
                    }
                }
            }
        }
        return sum > LEAST_SHARE * sizes ? sum : squaresOfValues();
    }

    /** Rows of the matrix of all products of two rows, up to the diagonal block. */
    private void gram(DnnlContext context, INDArray matrix, int start, int end, INDArray gram, float[] into) {
        long width = matrix.size(1);
        View some = context.view(matrix, new long[] {end - start, width}, new long[] {width, 1}, start * width);
        View all = context.view(matrix, new long[] {width, end}, new long[] {1, width}, 0);
        run(context, some, all, context.view(gram, new long[] {end - start, end}, new long[] {end, 1}, 0));
        new Floats(Floats.address(gram)).get(into, 0, (end - start) * end);
    }

    private double squaresOfValues() {
        long rows = left.size(1);
        long columns = right.size(1);
        long most = Math.max(1, PART / columns);
        float[] values = new float[Math.toIntExact(most * columns)];
        double sum = 0;
        try (INDArray part = Nd4j.createUninitialized(DataType.FLOAT, most * columns)) {
            for (long first = 0; first < rows; first += most) {
                int count = (int) (Math.min(most, rows - first) * columns);
                rows(first, part.get(NDArrayIndex.interval(0, count)).reshape(count / columns, columns));
                new Floats(Floats.address(part)).get(values, 0, count);
                for (int i = 0; i < count; i++) {
                    sum += (double) values[i] * values[i];
                }
            }
        }
        return sum;
    }
}
