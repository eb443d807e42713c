package org.preferencelearning.gpt2.internal.compile;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.gpt2.internal.compile.MatrixProduct.Factor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Products of OpenBLAS, which comes with ND4J's CPU backend on every platform, on float32 arrays of ND4J. */
final class Blas {
    private static final Logger LOG = LoggerFactory.getLogger(Blas.class);

    private Blas() {}

    /** Whether ND4J's backend keeps its arrays where OpenBLAS can read them, and that is there. */
    static boolean available() {
        return Availability.YES;
    }

    /** Loads the native library once. */
    private static final class Availability {
        static final boolean YES = check();

        private static boolean check() {
            if (Nd4j.getExecutioner().type() != ExecutionerType.NATIVE_CPU) {
                return false;
            }
            try {
                Loader.load(openblas_nolapack.class);
                return true;
            } catch (LinkageError e) {
                LOG.info("OpenBLAS is not available ({}); sampling runs on ND4J's operations", e.getMessage());
                return false;
            }
        }
    }

    /**
     * {@code out = a b}, or {@code out += a b}.
     *
     * @param out row-major and without gaps, as the factors
     */
    static void product(Factor a, Factor b, INDArray out, boolean added) {
        cblas_sgemm(
                CblasRowMajor,
                a.transposed() ? CblasTrans : CblasNoTrans,
                b.transposed() ? CblasTrans : CblasNoTrans,
                (int) out.size(0),
                (int) out.size(1),
                (int) a.array().size(a.transposed() ? 0 : 1),
                1,
                new Floats(Floats.address(a.array())),
                (int) a.array().size(1),
                new Floats(Floats.address(b.array())),
                (int) b.array().size(1),
                added ? 1 : 0,
                new Floats(Floats.address(out)),
                (int) out.size(1));
    }

    /** Fills every row of {@code out} with {@code row}. */
    static void repeat(INDArray row, INDArray out) {
        long bytes = row.length() * Float.BYTES;
        Floats from = new Floats(Floats.address(row));
        for (long i = 0; i < out.size(0); i++) {
            Pointer.memcpy(new Floats(Floats.address(out) + i * bytes), from, bytes);
        }
    }
}
