package org.preferencelearning.gpt2.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An opened file of named tensors. */
public interface TensorSource extends AutoCloseable {
    /** Most dimensions of a tensor; those of this library's have two. */
    int MAX_DIMENSIONS = 32;

    /** Most tensors of a file; GPT-2's largest has under a thousand. */
    int MAX_TENSORS = 100_000;

    /**
     * Opens a file: one of PyTorch's where it is named {@code .bin}, {@code .pt} or {@code .pth}, otherwise of safetensors.
     *
     * @throws WeightsFormatException if there is no such file or it is damaged
     */
    static TensorSource open(Path path) {
        return path.getFileName().toString().matches(".*\\.(bin|pt|pth)")
                ? TorchFile.open(path)
                : Safetensors.open(path);
    }

    /** The file's name, for messages. */
    String file();

    /** The tensors by name. */
    Map<String, TensorInfo> tensors();

    /**
     * Reads a tensor as FLOAT; a new array, the caller's.
     *
     * @throws WeightsFormatException if there is no such tensor or it does not hold floating-point numbers
     */
    INDArray read(String name);

    /**
     * As {@link #read(String)}, of a tensor of the given shape.
     *
     * @throws WeightsFormatException if there is no such tensor, or it is of another shape or holds no floating-point numbers
     */
    default INDArray read(String name, long[] shape) {
        requireShape(file(), readable(name), shape);
        return read(name);
    }

    @Override
    void close();

    /** The description of a tensor that can be read. */
    default TensorInfo readable(String name) {
        TensorInfo info = tensors().get(name);
        if (info == null) {
            throw new WeightsFormatException(file(), "no tensor '" + name + "'");
        }
        if (!info.type().isFloatingPoint()) {
            throw new WeightsFormatException(
                    file(), "tensor '" + name + "' is " + info.type() + ", not floating-point");
        }
        return info;
    }

    /**
     * Throws unless there is a regular file; a link to one is followed. Whatever else has a name, such as a pipe, may never
     * end or never answer.
     */
    static void requireRegular(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new WeightsFormatException(
                    path.toString(), Files.exists(path) ? "not a regular file" : "no such file");
        }
    }

    /** Throws unless a tensor has the given shape. */
    static void requireShape(String file, TensorInfo info, long[] shape) {
        if (!Arrays.equals(info.shape(), shape)) {
            throw new WeightsFormatException(
                    file,
                    "tensor '" + info.name() + "' has shape " + Arrays.toString(info.shape())
                            + "; the configuration asks for " + Arrays.toString(shape));
        }
    }
}
