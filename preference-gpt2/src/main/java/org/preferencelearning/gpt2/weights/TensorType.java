package org.preferencelearning.gpt2.weights;

import java.nio.ByteBuffer;
import org.nd4j.linalg.api.buffer.DataType;

/** Element types of safetensors files; those that hold weights can be decoded to float. */
public enum TensorType {
    BOOL(1),
    U8(1),
    I8(1),
    F8_E5M2(1),
    F8_E4M3(1),
    F8_E8M0(1),
    F8_E4M3FNUZ(1),
    F8_E5M2FNUZ(1),
    I16(2),
    U16(2),
    F16(2) {
        @Override
        float decode(ByteBuffer bytes) {
            return halfToFloat(bytes.getShort());
        }
    },
    BF16(2) {
        @Override
        float decode(ByteBuffer bytes) {
            return Float.intBitsToFloat(bytes.getShort() << 16);
        }
    },
    I32(4),
    U32(4),
    F32(4) {
        @Override
        float decode(ByteBuffer bytes) {
            return bytes.getFloat();
        }
    },
    C64(8),
    F64(8) {
        @Override
        float decode(ByteBuffer bytes) {
            return (float) bytes.getDouble();
        }
    },
    I64(8),
    U64(8);

    private final int bytes;

    TensorType(int bytes) {
        this.bytes = bytes;
    }

    /** As which arrays of a type are written: FLOAT or DOUBLE. */
    static TensorType of(DataType type) {
        return switch (type) {
            case FLOAT -> F32;
            case DOUBLE -> F64;
            default -> throw new IllegalArgumentException("tensors in " + type + " are not written");
        };
    }

    /** Bytes of an element. */
    public int bytes() {
        return bytes;
    }

    /** Whether elements can be decoded to float. */
    public boolean isFloatingPoint() {
        return this == F16 || this == BF16 || this == F32 || this == F64;
    }

    /** Takes the next element; only for {@link #isFloatingPoint}. */
    float decode(ByteBuffer bytes) {
        throw new IllegalStateException(this + " holds no floating-point numbers");
    }

    private static float halfToFloat(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = (half >> 10) & 0x1F;
        int fraction = half & 0x3FF;
        if (exponent == 0) {
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        int wide = exponent == 31 ? 0xFF : exponent - 15 + 127;
        return Float.intBitsToFloat(sign | (wide << 23) | (fraction << 13));
    }
}
