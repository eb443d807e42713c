package org.preferencelearning.gpt2.weights;

import java.util.Arrays;

/**
 * Where a tensor lies in its file.
 *
 * @param name its name in the file
 * @param type its element type
 * @param shape its shape; empty for a scalar
 * @param begin first byte, from the start of the file
 * @param end byte after the last
 */
public record TensorInfo(String name, TensorType type, long[] shape, long begin, long end) {
    /** Number of elements. */
    public long length() {
        return (end - begin) / type.bytes();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TensorInfo that
                && name.equals(that.name)
                && type == that.type
                && Arrays.equals(shape, that.shape)
                && begin == that.begin
                && end == that.end;
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }
}
